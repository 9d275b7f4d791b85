// The checkout: one form, one press, one payment request.

import { applyCountry } from './address.js';
import * as card from './card.js';
import { clearFieldError, facts, field, form, pause, problems, showFieldError, values } from './fields.js';
import { clearBanner, isProcessing, processing, send } from './payment.js';
import * as totals from './totals.js';

const billing = document.querySelector('#billingAddress');

function showProblems(found) {
  let first = null;
  for (const [name, text] of Object.entries(found)) {
    if (card.isCardField(name)) card.showCardError(name, text);
    else showFieldError(field(name), text);
    first ??= name;
  }
  if (card.isCardField(first)) card.focusCard(first);
  else field(first).focus();
}

function billingProblems() {
  const missing = [...billing.querySelectorAll('[required]')].filter(each => !each.value.trim());
  for (const each of missing) showFieldError(each, facts.problems[each.name]);
  return missing.length > 0;
}

function isReady() {
  card.clearErrors();
  for (const each of form.querySelectorAll('[aria-invalid]')) clearFieldError(each);
  const found = { ...problems(), ...card.problems() };
  const billingIsIncomplete = billingProblems();
  if (Object.keys(found).length) showProblems(found);
  return !billingIsIncomplete && !Object.keys(found).length;
}

async function pay() {
  if (isProcessing()) return;
  clearBanner();
  if (!isReady()) return;
  processing(true);
  const seen = totals.shown.amount;
  while (!totals.idle()) await pause(30);
  const { quote } = await send({ buyer: values(), shipping: totals.shipping(), total: seen }, showProblems);
  if (quote) totals.draw(quote);
}

form.addEventListener('submit', event => {
  event.preventDefault();
  pay();
});
document.querySelector('#billingAddressCheckbox').addEventListener('change', event => {
  const fields = document.querySelector('#billing').content;
  billing.replaceChildren(...(event.target.checked ? [] : [fields.cloneNode(true)]));
});
applyCountry({ keepZone: true });
card.mount(facts.cardSession);
totals.changed();
