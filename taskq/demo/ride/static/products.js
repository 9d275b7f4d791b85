// In what, for how much, paid how and when; then the one request.

import { button, close, open } from './dialogs.js';
import { ask, make, option, place } from './graph.js';

const facts = JSON.parse(document.querySelector('#facts').textContent);
const list = document.querySelector('#list');
const request = document.querySelector('#request');
const confirm = document.querySelector('#confirm-button');
const payment = document.querySelector('#payment');
const error = document.querySelector('#error');
const seats = document.querySelector('#seats');
const ends = { pickup: place('pickup'), drop: place('drop[0]') };
const checkoutSessionUUID = Array.from(crypto.getRandomValues(new Uint8Array(16)), n => n.toString(16).padStart(2, '0')).join('');
const SECOND_LOOK_MS = 350;

let products = [];
let chosen = null;
let pickupAt = null;
let paidWith = facts.payments[0] ?? null;
let promo = facts.promo;

const named = () => products.find(each => each.id === chosen);

function row(product) {
  const isChosen = product.id === chosen;
  const data = { 'data-testid': 'product_selector.list_item', 'data-itemid': product.id, 'aria-selected': isChosen };
  return option({ data }, () => choose(product.id),
    make('p', { className: 'name', textContent: product.name }, make('span', { textContent: product.seats })),
    product.fare ? make('p', { className: 'fare', textContent: product.fare }) : '',
    make('p', { className: 'eta', textContent: product.eta, data: { 'data-testid': 'product_selector.list_item.eta_string' } }),
    make('p', { className: 'about', textContent: product.about }));
}

function draw() {
  const product = named();
  list.replaceChildren(...products.map(row));
  request.textContent = product ? `${pickupAt ? 'Reserve' : 'Request'} ${product.name}` : 'Request';
  request.disabled = !product?.fare || !paidWith;
  seats.hidden = !product?.shared;
}

function choose(id) {
  chosen = id;
  draw();
  if (!promo) return;
  promo = false;
  open('Save with One', make('h2', { textContent: 'Save 10% with One' }), make('p', { textContent: 'Try it free for four weeks.' }), button('Start free trial', close));
}

async function load() {
  list.replaceChildren(...Array.from({ length: 4 }, () => make('li', { role: 'option', className: 'skeleton', data: { 'data-testid': 'product_selector.list_item', 'aria-busy': 'true' } })));
  request.disabled = true;
  const found = await ask('Products', ends);
  products = found.products ?? [];
  chosen ??= (products.find(each => each.name === facts.preselected) ?? products[0])?.id;
  draw();
  if (!products.length) error.textContent = 'Sorry, we don’t go there yet';
}

function drawPayment() {
  payment.textContent = paidWith ?? 'Add Payment Method';
  payment.setAttribute('aria-label', paidWith ? `Payment method: ${paidWith}` : 'Add Payment Method');
}

function choosePayment() {
  const choices = facts.payments.map(name => {
    const radio = make('input', { type: 'radio', name: 'pm', value: name, checked: name === paidWith });
    radio.addEventListener('change', () => { paidWith = name; });
    return make('label', {}, radio, name);
  });
  open('Payment options', make('h2', { textContent: 'Payment options' }), make('div', { className: 'choices', role: 'radiogroup' }, ...choices), button('Confirm', () => { close(); drawPayment(); draw(); }));
}

function chooseTime() {
  const day = make('input', { type: 'date', data: { 'aria-label': 'Date' } });
  const time = make('input', { type: 'time', data: { 'aria-label': 'Time' } });
  open('Choose a pickup time', make('h2', { textContent: 'When do you want to be picked up?' }), day, time, button('Next', () => {
    if (!day.value || !time.value) return;
    pickupAt = `${day.value}T${time.value}`;
    document.querySelector('#when').textContent = `Pickup ${day.value} ${time.value}`;
    close();
    draw();
  }));
}

async function send(cents) {
  request.disabled = confirm.disabled = true;
  error.textContent = '';
  let answer;
  try {
    answer = await ask('TripRequest', {
      ...ends, product: chosen, payment: paidWith, cents, checkoutSessionUUID, pickupAt,
      seats: Number(document.querySelector('[name=seats]:checked').value),
    });
  } catch {
    error.textContent = 'Something went wrong. Please try again.';
    request.disabled = confirm.disabled = false;
    return;
  }
  request.disabled = confirm.disabled = Boolean(answer.uuid);
  if (answer.uuid) location.assign(`/go/trip/${answer.uuid}`);
  else if (answer.redirect) location.assign(answer.redirect);
  else if (answer.errorKey === 'fare_expired') askAgain(answer);
  else error.textContent = answer.message;
}

function askAgain({ cents, fare }) {
  open('Your fare has changed', make('h2', { textContent: 'Your fare has changed' }), make('p', { textContent: 'The new fare is ' }, make('strong', { textContent: fare })),
    button('Accept new fare', () => { close(); send(cents); }), button('Cancel', close, 'plain'));
}

function press() {
  if (!facts.buttonWorks) return;
  if (!facts.confirms) {
    send(named().cents);
    return;
  }
  if (facts.confirms === 'in a dialog') {
    const { atConfirm, cents } = named();
    open('Confirm your pickup spot', make('h2', { textContent: 'Confirm your pickup spot' }), make('p', { textContent: `Fare: ${atConfirm}` }), button('Confirm and request', () => send(cents)));
    return;
  }
  document.querySelector('#confirm-fare').textContent = named().atConfirm;
  document.querySelector('#confirm').hidden = confirm.hidden = false;
  list.hidden = request.hidden = payment.hidden = true;
}

request.addEventListener('click', press);
confirm.addEventListener('click', () => send(named().cents));
payment.addEventListener('click', choosePayment);
document.querySelector('#when').addEventListener('click', chooseTime);
drawPayment();
await load();
if (facts.drawsTwice) setTimeout(load, SECOND_LOOK_MS);
