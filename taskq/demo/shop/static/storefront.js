// The theme: redraws the picker when an option is chosen, adds to the cart without leaving.

const drawer = document.querySelector('#CartDrawer');
const main = () => document.querySelector('.main-product');
const money = cents => new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(cents / 100);

let redraw;

// Until the server has drawn the new variant, nothing can be added: the old one is still in the form.
async function choose() {
  const section = main();
  const { section: id, url } = section.dataset;
  const chosen = [...section.querySelectorAll('.picker :checked, .picker [aria-pressed=true]')].map(each => each.dataset.optionValueId);
  const focused = document.activeElement?.id;
  for (const button of section.querySelectorAll('form button')) button.disabled = true;
  redraw?.abort();
  redraw = new AbortController();
  try {
    const answer = await fetch(`${url}?section_id=${id}&option_values=${chosen.join(',')}`, { signal: redraw.signal });
    show(await answer.text(), focused);
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

function show(html, focused) {
  const next = new DOMParser().parseFromString(html, 'text/html').querySelector('.main-product');
  const section = main();
  for (const part of ['.picker', '.product__price', 'form button[name=add]', '.shopify-payment-button']) {
    section.querySelector(part).replaceWith(next.querySelector(part));
  }
  const input = section.querySelector('input[name=id]');
  const { value, disabled } = next.querySelector('input[name=id]');
  Object.assign(input, { value, disabled });
  report('');
  history.replaceState({}, '', `${section.dataset.url}?variant=${value}`);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function report(text) {
  const wrapper = main().querySelector('.product-form__error-message-wrapper');
  wrapper.hidden = !text;
  wrapper.querySelector('.product-form__error-message').textContent = text;
}

async function add(form) {
  const button = form.querySelector('[name=add]');
  button.disabled = true;
  button.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch('/cart/add.js', { method: 'POST', body: new FormData(form) });
    const line = await answer.json();
    if (line.status) report(line.description);
    else await open();
  } finally {
    button.disabled = false;
    button.removeAttribute('aria-busy');
  }
}

function row(item) {
  const element = document.createElement('div');
  element.className = 'drawer__item';
  const picture = Object.assign(new Image(76, 88), { src: item.image, alt: '' });
  const text = document.createElement('div');
  for (const words of [item.product_title, item.variant_title, `Quantity ${item.quantity}`]) {
    if (words) text.append(Object.assign(document.createElement('p'), { textContent: words }));
  }
  element.append(picture, text, money(item.line_price));
  return element;
}

async function open() {
  const cart = await (await fetch('/cart.js')).json();
  drawer.querySelector('.drawer__items').replaceChildren(...cart.items.map(row));
  drawer.querySelector('.drawer__total').textContent = `${money(cart.total_price)} ${cart.currency}`;
  document.querySelector('.cart-count').textContent = cart.item_count;
  drawer.hidden = false;
  drawer.querySelector('[role=dialog]').focus();
}

function close() {
  drawer.hidden = true;
}

function buyNow() {
  const form = new FormData(main().querySelector('form'));
  location.assign(`/cart/${form.get('id')}:${form.get('quantity')}`);
}

document.querySelector('.product')?.addEventListener('change', event => {
  if (event.target.closest('.picker')) choose();
});
document.addEventListener('submit', event => {
  if (!event.target.matches('.product-form form')) return;
  event.preventDefault();
  add(event.target);
});
document.addEventListener('click', event => {
  if (event.target.closest('.shopify-payment-button__button--unbranded')) buyNow();
  if (event.target.closest('.drawer__close, .drawer__overlay')) close();
  const button = event.target.closest('.chooser--buttons button');
  if (button) {
    for (const each of button.parentElement.querySelectorAll('button')) each.ariaPressed = String(each === button);
    choose();
  }
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && drawer && !drawer.hidden) close();
});
