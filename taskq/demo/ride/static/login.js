// Who are you, and which code did you get?

const form = document.querySelector('#login');
const account = document.querySelector('#PHONE_NUMBER_or_EMAIL_ADDRESS');
const digits = [...document.querySelectorAll('[id^="PHONE_SMS_OTP-"]')];

function goOn() {
  if (!account.value.trim()) {
    document.querySelector('#missing').textContent = 'Please enter a phone number or email';
    return;
  }
  document.querySelector('#who').hidden = true;
  document.querySelector('#code').hidden = false;
  digits[0].focus();
}

// As the real one: it hears of the mouse, not of a script's click.
document.querySelector('#forward-button').addEventListener('mousedown', event => {
  event.preventDefault(); // else the press takes the focus away from the first digit
  goOn();
});
account.addEventListener('keydown', event => {
  if (event.key !== 'Enter') return;
  event.preventDefault();
  goOn();
});
for (const [index, digit] of digits.entries()) {
  digit.addEventListener('input', () => {
    digits[index + 1]?.focus();
    const code = digits.map(each => each.value).join('');
    if (code.length < digits.length) return;
    form.elements.code.value = code;
    form.submit();
  });
}
