// Paying: one press, one payment request, and what its answer leads to.

import * as card from './card.js';
import { facts } from './fields.js';
import * as ways from './ways.js';

const button = document.querySelector('#checkout-pay-button, #continue_button');
const words = button.firstElementChild;
const alerts = document.querySelector('#alerts');
const TROUBLE = 'There was a problem processing your payment. Try refreshing this page or check your internet connection.';

export const isProcessing = () => button.disabled;

function relabel() {
  words.textContent = ways.isCard() ? 'Pay now' : 'Complete order';
}

export function processing(is) {
  button.disabled = is;
  if (is) words.textContent = 'Processing…';
  else relabel();
}

export function clearBanner() {
  alerts.replaceChildren();
}

function showBanner(text) {
  const banner = document.querySelector('#alert').content.firstElementChild.cloneNode(true);
  banner.querySelector('p').textContent = text;
  alerts.replaceChildren(banner);
  banner.scrollIntoView({ block: 'center' });
  banner.focus({ preventScroll: true });
}

async function request(details) {
  const answer = await fetch(`${facts.path}/payment`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...details, method: ways.chosen(), card_session: card.state.session, card: card.typed() }),
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

// The bank asks in a frame over the page; its answer is what the payment request led to.
function ask(url, showProblems) {
  const over = Object.assign(document.createElement('div'), { className: 'over', role: 'dialog', ariaModal: 'true', ariaLabel: 'Confirm this payment' });
  const frame = Object.assign(document.createElement('iframe'), { title: 'Confirm this payment with your bank', src: url });
  over.append(frame);
  document.body.append(over);
  addEventListener('message', function heard(event) {
    if (event.source !== frame.contentWindow || event.origin !== new URL(url).origin) return;
    removeEventListener('message', heard);
    over.remove();
    follow(event.data.outcome, showProblems);
  });
}

function follow(outcome, showProblems) {
  if (outcome.confirm) {
    ask(outcome.confirm, showProblems);
    return;
  }
  if (outcome.redirect) {
    location.assign(outcome.redirect);
    return;
  }
  processing(false);
  if (outcome.card_session !== card.state.session) card.mount(outcome.card_session);
  if (outcome.message) showBanner(outcome.message);
  else showProblems(outcome.problems);
}

// Gives the answer too, for what it says of the total.
export async function send(details, showProblems) {
  try {
    const outcome = await request(details);
    follow(outcome, showProblems);
    return outcome;
  } catch {
    processing(false);
    showBanner(TROUBLE);
    return {};
  }
}

relabel();
ways.onChange(relabel);
