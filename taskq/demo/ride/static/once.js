// What lies over a page until it is answered once.

for (const over of document.querySelectorAll('[data-once]')) {
  const name = over.dataset.once;
  if (document.cookie.includes(`${name}=`)) continue;
  over.hidden = false;
  over.addEventListener('click', event => {
    if (!event.target.closest('[data-answers]')) return;
    document.cookie = `${name}=1; path=/; max-age=31536000; samesite=lax`;
    over.remove();
  });
}
