// The merchant's apps: each lays itself over the page until this visitor has answered it once.

const YEAR = 365 * 24 * 3600;
const isAnswered = name => document.cookie.split('; ').some(each => each.startsWith(`${name}=`));

for (const overlay of document.querySelectorAll('[data-once]')) {
  const { once, after } = overlay.dataset;
  if (isAnswered(once)) continue;
  overlay.addEventListener('click', event => {
    if (!event.target.closest('[data-answers]')) return;
    document.cookie = `${once}=1; path=/; max-age=${YEAR}; samesite=lax`;
    overlay.remove();
  });
  setTimeout(() => {
    overlay.hidden = false;
    overlay.querySelector('[role=dialog]')?.focus({ preventScroll: true });
  }, Number(after));
}
