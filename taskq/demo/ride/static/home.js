// Where from and where to: the place that is chosen stands in the address.

import { ask, make, option, place } from './graph.js';

const search = document.querySelector('[aria-label="Search"]');
const query = new URLSearchParams(location.search);

function remember(name, value) {
  if (value) query.set(name, JSON.stringify(value));
  else query.delete(name);
  history.replaceState(null, '', `?${query}`);
  search.disabled = !(query.has('pickup') && query.has('drop[0]'));
}

function suggestion(chosen, onChoose) {
  return option({ data: { 'data-testid': 'pudo-result' } }, () => onChoose(chosen),
    make('p', { className: 'name', textContent: chosen.addressLine1 }),
    make('p', { className: 'about', textContent: chosen.addressLine2 }));
}

function field(input, list, name) {
  const choose = chosen => {
    input.value = chosen.addressLine1;
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    remember(name, chosen);
  };
  input.addEventListener('input', async () => {
    const text = input.value;
    remember(name, null);
    const { places } = await ask('PudoLocationSearch', { query: text });
    if (input.value !== text) return;
    const more = make('li', { role: 'option', textContent: `See more results for ${text}`, data: { 'data-testid': 'pudo-more' } });
    list.replaceChildren(...places.map(each => suggestion(each, choose)), more);
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
  });
  const given = place(name);
  if (given) {
    input.value = given.addressLine1;
    remember(name, given);
  }
}

const [pickup, drop] = document.querySelectorAll('[role=combobox]');
field(pickup, document.querySelector('#pickup-list'), 'pickup');
field(drop, document.querySelector('#drop-list'), 'drop[0]');
search.addEventListener('click', () => location.assign(`/go/product-selection?${query}`));
