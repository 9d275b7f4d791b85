// Shop Pay: knows the e-mail and asks for a code, over everything. Who closes it goes on as a guest.

const email = document.querySelector('[autocomplete="shipping email"]');
const AFTER_MS = 400;
let asked = false;

email?.addEventListener('change', () => {
  if (asked || !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email.value.trim())) return;
  asked = true;
  setTimeout(() => {
    const modal = document.querySelector('#shop-pay').content.firstElementChild.cloneNode(true);
    const code = modal.querySelector('input');
    modal.querySelector('[aria-label=Close]').addEventListener('click', () => modal.remove());
    code.addEventListener('input', () => {
      modal.querySelector('[role=alert]').textContent = code.value.length === 6 ? 'That code is not the one we sent.' : '';
    });
    document.body.append(modal);
    code.focus();
  }, AFTER_MS);
});
