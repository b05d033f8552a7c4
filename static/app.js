// Pages work without it. Listens on document: fragments get swapped. Words: <body data-t-...>.
(() => {
  const words = document.body.dataset, byId = id => document.getElementById(id), target = b => byId(b.getAttribute('aria-controls'));
  const listen = (type, act, capture) => document.addEventListener(type, act, capture);
  const on = (type, selector, act) => listen(type, e => { const el = e.target.closest(selector); if (el) act(el, e); });
  const post = form => fetch(form.action, { method: 'POST', headers: { 'HX-Request': 'true' }, body: new URLSearchParams(new FormData(form)) });

  const note = text => {
    const make = (tag, className, textContent) => Object.assign(document.createElement(tag), { className, textContent });
    const box = make('div', 'note danger own'), button = make('button', 'btn quiet small', words.tDismiss);
    button.dataset.dismiss = button.type = 'button';
    box.append(make('p', '', text), button);
    // Behind a modal dialog nothing is read out.
    const place = document.querySelector('dialog:modal [role=status]') ?? byId('flash');
    place.querySelector('.own')?.remove();
    place.append(box);
  };
  on('click', '[data-dismiss]', button => { button.closest('.note').remove(); byId('main').focus({ preventScroll: true }); });

  on('click', '[data-reveal]', button => {
    const field = target(button), show = field.type === 'password';
    field.type = show ? 'text' : 'password';
    if (button.ariaPressed) button.ariaPressed = show;
    if (button.dataset.hide) (button.firstElementChild ?? button).textContent = button.dataset[show ? 'hide' : 'show'];
  });
  on('click', '[data-copy]', async button => {
    const from = byId(button.dataset.copy), live = byId('live');
    try { await navigator.clipboard.writeText(from.value ?? from.innerText); }
    catch { return getSelection().selectAllChildren(from); }
    live.textContent = words.tCopied; button.dataset.done = '';
    setTimeout(() => { live.textContent = ''; delete button.dataset.done; }, 2000);
  });
  on('click', '[data-open]', (button, e) => { e.preventDefault(); byId(button.dataset.open).showModal(); });

  const boxes = all => [...all.closest('fieldset').querySelectorAll('[type=checkbox]')].filter(b => b !== all && b.name === (all.dataset.all || b.name));
  const mirror = all => { const is = boxes(all).map(b => b.checked); all.checked = !is.includes(false); all.indeterminate = is.includes(!all.checked); };
  on('change', '[type=checkbox]', box => {
    const all = box.closest('fieldset')?.querySelector('[data-all]');
    if (box === all) boxes(all).forEach(b => { b.checked = all.checked; }); else if (all) mirror(all);
  });

  // Ignores a second press of the same. Disabling the button would lose the focus.
  let sent = new WeakMap();
  listen('submit', e => {
    const form = e.target, now = Date.now();
    if (form.method !== 'post') return;
    const values = '' + new URLSearchParams(new FormData(form, e.submitter)), [until, last = values] = sent.get(form) ?? [];
    if (until > now && last === values) { e.preventDefault(); return e.stopPropagation(); }
    sent.set(form, [now + 5000, values]);
    form.querySelectorAll('[data-reveal]').forEach(b => { if (target(b).type === 'text') b.click(); });
  }, true);

  const tabs = new BroadcastChannel('session'), dialog = byId('session-warning'), skew = words.sessionNow - Date.now();
  let ends = +words.sessionEnds, warned;
  // Only forward: once at the absolute limit.
  const extend = until => { if (until > ends) { ends = until; warned = false; dialog.close(); return true; } };
  const heard = headers => { if (extend(+headers.get('X-Session-Ends'))) tabs.postMessage(ends); };
  tabs.onmessage = e => extend(e.data);
  if (ends) {
    tabs.postMessage(ends);
    const timer = setInterval(() => {
      const left = Math.ceil((ends - Date.now() - skew) / 1000);
      if (left <= 0) { clearInterval(timer); location.assign(words.sessionLogin); }
      else if (left <= 120) {
        warned ||= !dialog.showModal();
        dialog.querySelector('[data-remaining]').textContent = new Date(left * 1000).toISOString().slice(14, 19);
      }
    }, 1000);
  }
  on('submit', '[data-stay]', async (form, e) => {
    if (e.submitter?.formNoValidate) return;
    e.preventDefault();
    try {
      const answer = await post(form);
      if (answer.ok) { heard(answer.headers); dialog.close(); } else note(words.tBroken);
    } catch { note(words.tOffline); }
    sent.delete(form);
  });

  const zone = byId('zone'), here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && here !== zone.dataset.current) { zone.elements.zone.value = here; post(zone).catch(() => {}); }

  const fail = (ctx, text) => ctx.sourceElement.closest('[data-quiet]') ?? note(text);
  const htmx = (type, act) => listen('htmx:' + type, e => e.detail.ctx && act(e.detail.ctx, e));
  htmx('before:request', ctx => sent.set(ctx.sourceElement, [Infinity]));
  htmx('finally:request', ctx => sent.delete(ctx.sourceElement));
  htmx('after:request', ctx => heard(ctx.response.headers));
  htmx('before:swap', (ctx, e) => {
    const { status, headers } = ctx.response, code = headers.get('X-Reference');
    if (status < 400 || ctx.swap !== 'none') return;
    e.preventDefault(); // else htmx pushes the URL
    fail(ctx, (status === 403 ? words.tDenied : words.tBroken) + (code ? ` ${words.tCode} ${code}` : ''));
  });
  htmx('after:swap', () => { const t = words.tError + ' ', { title } = document; document.title = (byId('summary') ? t : '') + title.replace(t, ''); });
  htmx('error', ctx => ctx.response || fail(ctx, words.tOffline));

  // After logout Back shows nothing.
  addEventListener('pagehide', e => { if (e.persisted && ends) document.documentElement.hidden = true; });
  addEventListener('pageshow', e => {
    if (e.persisted && ends) return location.reload();
    sent = new WeakMap();
    document.querySelectorAll('[data-all]').forEach(mirror);
  });
})();
