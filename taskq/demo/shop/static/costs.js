// The cost summary beside the form.

const costs = document.querySelector('[aria-label="Cost summary"]');

function taxes(text) {
  const row = Object.assign(document.createElement('div'), { role: 'row', className: 'taxes' });
  row.append(
    Object.assign(document.createElement('span'), { role: 'rowheader', textContent: 'Taxes' }),
    Object.assign(document.createElement('span'), { role: 'cell', className: 'cost-taxes', textContent: text }),
  );
  return row;
}

export function drawCosts(quote) {
  costs.querySelector('.cost-subtotal').textContent = quote.subtotal;
  costs.querySelector('.cost-shipping').textContent = quote.shipping ?? 'Enter shipping address';
  costs.querySelector('.cost-total').textContent = quote.total;
  costs.querySelector('.taxes')?.remove();
  if (quote.taxes) costs.querySelector('.total').before(taxes(quote.taxes));
  document.querySelector('.updated-total').textContent = `Updated total price: ${quote.total}`;
}
