// The checkout: one form, one press, one payment request.

import { applyCountry } from './address.js';
import * as card from './card.js';
import { clearFieldError, facts, field, form, pause, problems, showFieldError, values } from './fields.js';
import * as totals from './totals.js';

const button = document.querySelector('#checkout-pay-button');
const alerts = document.querySelector('#alerts');
const billing = document.querySelector('#billingAddress');
const TROUBLE = 'There was a problem processing your payment. Try refreshing this page or check your internet connection.';

function processing(is) {
  button.disabled = is;
  button.firstElementChild.textContent = is ? 'Processing…' : 'Pay now';
}

function showBanner(text) {
  const banner = Object.assign(document.createElement('div'), { id: 'PaymentErrorBanner', role: 'alert', className: 'banner', tabIndex: -1 });
  banner.append(Object.assign(document.createElement('p'), { textContent: text }));
  alerts.replaceChildren(banner);
  banner.scrollIntoView({ block: 'center' });
  banner.focus({ preventScroll: true });
}

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

async function request(amount) {
  const body = { buyer: values(), shipping: totals.shipping(), total: amount, card_session: card.state.session };
  const answer = await fetch(`${facts.path}/payment`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

function follow(outcome) {
  if (outcome.redirect) {
    location.assign(outcome.redirect);
    return;
  }
  processing(false);
  if (outcome.card_session !== card.state.session) card.mount(outcome.card_session);
  if (outcome.message) showBanner(outcome.message);
  else showProblems(outcome.problems);
}

async function pay() {
  if (button.disabled) return;
  alerts.replaceChildren();
  if (!isReady()) return;
  processing(true);
  const seen = totals.shown.amount;
  while (!totals.idle()) await pause(30);
  try {
    follow(await request(seen));
  } catch {
    processing(false);
    showBanner(TROUBLE);
  }
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
