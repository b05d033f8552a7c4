// Keeps what is typed while its page is away: over a switch of language or theme, and on forms with data-draft until they
// are sent. Passwords, codes and files are never kept.
(() => {
  const form = () => document.getElementById('form'), key = `typed ${location.pathname} ${document.body.dataset.user ?? ''}`;
  const secret = el => ['password', 'file', 'submit', 'button'].includes(el.type) || el.autocomplete === 'one-time-code';
  const fields = () => [...form()?.elements ?? []].filter(el => el.name && !secret(el) && (el.type !== 'hidden' || el.name === 'version' || 'kept' in el.dataset));
  const chosen = el => el.type === 'checkbox' || el.type === 'radio';
  const read = () => JSON.stringify(fields().map(el => [el.name, el.value, chosen(el) && el.checked]));
  const store = act => { try { return act(sessionStorage); } catch { return null; } };

  let saved = form()?.dataset.draft === 'typed' ? '' : read(), leaving = false;
  const isDirty = () => !!form() && 'draft' in form().dataset && read() !== saved;
  const mark = () => { const note = document.getElementById('unsaved'); if (note) note.hidden = !isDirty(); };
  const keep = () => store(all => all.setItem(key, read()));
  const listen = (type, act) => document.addEventListener(type, act);

  const kept = store(all => all.getItem(key));
  if (kept && form()) {
    store(all => all.removeItem(key));
    const left = JSON.parse(kept);
    for (const el of fields()) {
      const at = left.findIndex(([name, value]) => name === el.name && (!chosen(el) || value === el.value));
      if (at < 0) continue;
      const [[, value, checked]] = left.splice(at, 1);
      if (chosen(el)) el.checked = checked; else el.value = value;
    }
    addEventListener('load', () => form().querySelector('[data-redraw]')?.click());
  }
  mark();

  listen('submit', e => {
    // A field named action hides the property of the form.
    const isSwitch = e.target.getAttribute('action') === '/preferences';
    if (isSwitch && form()?.getAttribute('method') === 'post') keep();
    if (e.target === form()) store(all => all.removeItem(key));
    leaving ||= isSwitch || e.target === form();
  });
  listen('htmx:after:swap', () => { leaving = false; mark(); });
  listen('htmx:error', () => { leaving = false; });
  listen('input', mark);
  listen('change', mark);
  listen('click', e => {
    if (!e.target.closest('[data-discard]')) return;
    store(all => all.removeItem(key));
    leaving = true;
    location.reload();
  });
  addEventListener('beforeunload', e => { if (isDirty() && !leaving) e.preventDefault(); });
  addEventListener('pagehide', () => { if (isDirty() && !leaving) keep(); });
})();
