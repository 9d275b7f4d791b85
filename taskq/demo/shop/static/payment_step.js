// The last of three steps: the card's frames and one payment request.

import * as card from './card.js';
import { drawCosts } from './costs.js';
import { facts, form } from './fields.js';
import { clearBanner, isProcessing, processing, send } from './payment.js';

let { amount } = facts;

// Other details were taken by the steps before; should they have become wrong, those must be seen again.
function showProblems(found) {
  const names = Object.keys(found);
  if (!names.every(card.isCardField)) {
    location.assign(facts.path);
    return;
  }
  for (const name of names) card.showCardError(name, found[name]);
  card.focusCard(names[0]);
}

async function pay() {
  processing(true);
  const { quote } = await send({ total: amount }, showProblems);
  if (!quote) return;
  ({ amount } = quote);
  drawCosts(quote);
}

form.addEventListener('submit', event => {
  event.preventDefault();
  if (isProcessing()) return;
  clearBanner();
  card.clearErrors();
  const found = card.problems();
  if (Object.keys(found).length) showProblems(found);
  else pay();
});
card.mount(facts.cardSession);
