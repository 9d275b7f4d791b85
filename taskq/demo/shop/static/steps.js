// The first of three steps: its country decides which provinces there are and what the postal code is called.

import { facts } from './fields.js';

const country = document.querySelector('#checkout_shipping_address_country');
const province = document.querySelector('#checkout_shipping_address_province');
const zip = document.querySelector('#checkout_shipping_address_zip');

function label(input, text) {
  document.querySelector(`label[for="${input.id}"]`).textContent = text;
  if (input.placeholder) input.placeholder = text;
}

function choice(code, name) {
  const option = new Option(name, name);
  option.dataset.code = code;
  return option;
}

country.addEventListener('change', () => {
  const { zones, zoneLabel, postalLabel } = facts.countries[country.selectedOptions[0].dataset.code];
  const blank = Object.assign(new Option('', '', true), { disabled: true, hidden: true });
  province.replaceChildren(blank, ...Object.entries(zones).map(each => choice(...each)));
  province.value = '';
  province.disabled = province.closest('.field').hidden = !zoneLabel;
  if (zoneLabel) label(province, zoneLabel);
  label(zip, postalLabel);
});
