// What it comes to: asks the shop when the address or the shipping method changes.

import { drawCosts } from './costs.js';
import { facts, form, problems, values } from './fields.js';

const methods = document.querySelector('#methods');
const costs = document.querySelector('[aria-label="Cost summary"]');
const DEBOUNCE_MS = 80;
const NOTE = 'Enter your shipping address to view available shipping methods.';

export const shown = { amount: facts.amount, rates: [] };

let asking = null;
let timer = null;
let lastAsked = '';

export const shipping = () => form.querySelector('#shipping_methods :checked')?.value ?? shown.chosen ?? null;

export function idle() {
  return timer === null && asking === null;
}

const addressKey = () => {
  const entered = values();
  return ['countryCode', 'address1', 'city', 'zone', 'postalCode'].map(name => entered[name]).join('\n');
};

function addressIsComplete() {
  const found = problems();
  return !['address1', 'city', 'zone', 'postalCode'].some(name => name in found);
}

function busy(is) {
  for (const region of [methods, costs]) {
    if (is) region.setAttribute('aria-busy', 'true');
    else region.removeAttribute('aria-busy');
  }
}

async function ask() {
  timer = null;
  const address = addressKey();
  lastAsked = `${address}\n${shipping()}`;
  const mine = asking = new AbortController();
  try {
    const answer = await fetch(`${facts.path}/proposal`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ buyer: values(), shipping: shipping() }),
      signal: mine.signal,
    });
    draw(await answer.json());
    lastAsked = `${address}\n${shipping()}`;
  } catch (error) {
    if (error.name === 'AbortError') return;
    lastAsked = '';
    setTimeout(changed, 1000);
  } finally {
    if (asking === mine) {
      asking = null;
      busy(false);
    }
  }
}

export function changed() {
  const wanted = `${addressKey()}\n${shipping()}`;
  if (wanted === lastAsked || (!addressIsComplete() && !shown.rates.length && idle())) return;
  lastAsked = '';
  clearTimeout(timer);
  asking?.abort();
  asking = null;
  busy(true);
  timer = setTimeout(ask, DEBOUNCE_MS);
}

function rate(each, several) {
  const row = document.createElement(several ? 'label' : 'div');
  row.className = several ? 'rate' : 'rate only';
  if (several) {
    row.append(Object.assign(document.createElement('input'), {
      type: 'radio', name: 'shipping_methods', value: each.handle, checked: each.handle === shown.chosen,
    }));
  }
  const name = Object.assign(document.createElement('span'), { textContent: each.title });
  name.append(Object.assign(document.createElement('span'), { className: 'small', textContent: each.detail }));
  row.append(name, Object.assign(document.createElement('strong'), { textContent: each.price }));
  return row;
}

function drawMethods() {
  if (!shown.rates.length) {
    methods.replaceChildren(Object.assign(document.createElement('p'), { className: 'note', textContent: NOTE }));
    return;
  }
  const box = Object.assign(document.createElement('fieldset'), { id: 'shipping_methods' });
  box.append(Object.assign(document.createElement('legend'), { className: 'visually-hidden', textContent: 'Choose a shipping method' }));
  box.append(...shown.rates.map(each => rate(each, shown.rates.length > 1)));
  const focused = document.activeElement?.name === 'shipping_methods';
  methods.replaceChildren(box);
  if (focused) box.querySelector(':checked')?.focus();
}

export function draw(quote) {
  Object.assign(shown, quote);
  drawMethods();
  drawCosts(quote);
}

form.addEventListener('input', changed);
form.addEventListener('change', changed);
