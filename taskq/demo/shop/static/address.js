// The address: its country decides what is asked, and the street suggests the rest.

import { clearFieldError, country, field, form, pause } from './fields.js';

const zoneBox = field('zone').closest('.field');
const street = field('address1');
const list = document.querySelector('#shipping-address1-options');
const SUGGEST_MS = 120;

const PLACES = {
  US: [['Portland', 'OR', '97205'], ['Burlington', 'VT', '05401'], ['Duluth', 'MN', '55802']],
  CA: [['Toronto', 'ON', 'M5V 2T6'], ['Halifax', 'NS', 'B3H 1A6']],
  GB: [['Bristol', '', 'BS1 4DJ'], ['Leeds', '', 'LS1 3AA']],
  DE: [['Leipzig', '', '04109'], ['Bremen', '', '28195']],
};

function label(input, text) {
  form.querySelector(`label[for="${input.id}"]`).textContent = text;
  if (input.placeholder) input.placeholder = text;
}

// Shopify numbers the fields that have no id of their own by what exists.
function renumber() {
  for (const [kind, selector] of [['TextField', 'input'], ['Select', 'select']]) {
    const fields = document.querySelectorAll(`#deliveryAddress ${selector}:not(#shipping-address1)`);
    fields.forEach((each, number) => {
      const itsLabel = form.querySelector(`label[for="${each.id}"]`);
      each.id = `${kind}${number}`;
      itsLabel?.setAttribute('for', each.id);
    });
  }
}

export function applyCountry({ keepZone = false } = {}) {
  const { zones, zoneLabel, postalLabel, dialCode } = country();
  const kept = keepZone ? zoneBox.querySelector('select').value : '';
  for (const input of form.querySelectorAll('#deliveryAddress [aria-invalid]')) clearFieldError(input);
  if (zoneLabel) {
    field('postalCode').closest('.field').before(zoneBox);
    label(field('zone'), zoneLabel);
    const blank = Object.assign(new Option('', '', true), { disabled: true, hidden: true });
    field('zone').replaceChildren(blank, ...Object.entries(zones).map(([code, name]) => new Option(name, code)));
    field('zone').value = kept;
  } else {
    zoneBox.remove();
  }
  label(field('postalCode'), postalLabel);
  form.querySelector('.field--phone select').value = dialCode;
  renumber();
}

let asked = 0;

function closeList() {
  asked += 1;
  list.hidden = true;
  street.setAttribute('aria-expanded', 'false');
  street.removeAttribute('aria-activedescendant');
}

async function suggest() {
  const mine = ++asked;
  const typed = street.value.trim();
  if (typed.length < 3) return closeList();
  await pause(SUGGEST_MS);
  if (mine !== asked || document.activeElement !== street) return;
  const places = PLACES[field('countryCode').value] ?? [];
  list.replaceChildren(...places.map(([city, zone, postal], number) => {
    const option = document.createElement('li');
    option.id = `shipping-address1-option-${number}`;
    option.role = 'option';
    option.textContent = [typed, city, `${zone} ${postal}`.trim()].join(', ');
    option.addEventListener('pointerdown', event => event.preventDefault());
    option.addEventListener('click', () => take(city, zone, postal));
    return option;
  }));
  list.hidden = false;
  street.setAttribute('aria-expanded', 'true');
}

function take(city, zone, postal) {
  for (const [name, value] of [['city', city], ['zone', zone], ['postalCode', postal]]) {
    const input = field(name);
    if (!input) continue;
    input.value = value;
    clearFieldError(input);
  }
  closeList();
  form.dispatchEvent(new Event('change'));
}

function move(step) {
  const options = [...list.children];
  const at = options.findIndex(each => each.ariaSelected === 'true');
  const next = options[(at + step + options.length) % options.length];
  for (const each of options) each.ariaSelected = String(each === next);
  street.setAttribute('aria-activedescendant', next.id);
}

street.addEventListener('input', suggest);
street.addEventListener('blur', closeList);
street.addEventListener('keydown', event => {
  if (event.key === 'Escape') return closeList();
  if (list.hidden) return;
  const active = list.querySelector('[aria-selected=true]');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    move(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter' && active) {
    event.preventDefault();
    active.click();
  }
});
field('countryCode').addEventListener('change', () => applyCountry());
