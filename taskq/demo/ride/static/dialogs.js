// What lies over the list of rides.

import { make } from './graph.js';

const over = document.querySelector('#over');

export function close() {
  over.replaceChildren();
}

export function open(label, ...children) {
  const shut = make('button', { type: 'button', className: 'close', textContent: '×', data: { 'aria-label': 'Close' } });
  shut.addEventListener('click', close);
  over.replaceChildren(make('div', { className: 'over' },
    make('div', { className: 'dialog', role: 'dialog', data: { 'aria-modal': 'true', 'aria-label': label } }, shut, ...children)));
}

export function button(text, onClick, className = '') {
  const made = make('button', { type: 'button', textContent: text, className });
  made.addEventListener('click', onClick);
  return made;
}

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') close();
});
