/**
 * The script of the page, as it is served: search, filter, and updates. The page shows everything without it. It
 * renders nothing: at every update it requests the page again and takes over the parts that differ, so that each text
 * has one source. It has no backticks and dollars, because it is inside a template.
 */
export const pageScript = `(() => {
  'use strict';
  /** Milliseconds: relative times go on also where nothing happens. */
  const REFRESH = 60000;
  const RECONNECT = 15000;
  const $ = (id) => document.getElementById(id);

  /** The parts as the server wrote them: what a reader opened or filtered is no difference. */
  const written = new Map();
  const parts = (page) => page.querySelectorAll('[data-live]');
  for (const part of parts(document)) written.set(part.id, part.outerHTML);

  // Search and filter

  const search = $('search');
  const tools = $('tools');

  function filter() {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const checked = tools.querySelector('input[name=filter]:checked');
    const wanted = checked === null ? 'all' : checked.value;
    let shown = 0;
    let all = 0;
    for (const group of document.querySelectorAll('#map tbody')) {
      let inZone = 0;
      const rows = [...group.rows].slice(1);
      for (let at = 0; at < rows.length; ) {
        let end = at + 1;
        while (end < rows.length && rows[end].className === 'path') end += 1;
        const own = rows.slice(at, end);
        const text = (own.map((row) => row.textContent).join(' ') + ' ' + own[0].dataset.service).toLowerCase();
        const fits = wanted === 'all' || own[0].dataset.filter === wanted;
        const isShown = fits && words.every((word) => text.includes(word));
        for (const row of own) row.hidden = !isShown;
        all += 1;
        if (isShown) inZone += 1;
        at = end;
      }
      group.hidden = inZone === 0;
      shown += inZone;
    }
    const none = $('none');
    if (none !== null) none.hidden = shown > 0;
    const text = shown === all ? '' : shown.toLocaleString('en-US') + ' of ' + all.toLocaleString('en-US') + ' hosts';
    if ($('matches').textContent !== text) $('matches').textContent = text;
  }

  tools.hidden = false;
  tools.addEventListener('input', filter);
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    search.value = '';
    filter();
  });
  document.addEventListener('keydown', (event) => {
    const inField = event.target instanceof HTMLInputElement && event.target.type === 'search';
    if (event.key !== '/' || inField || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    search.focus();
  });
  filter();

  // Updates

  function take(page) {
    const focused = document.activeElement === null ? '' : document.activeElement.id;
    let differs = false;
    for (const part of parts(page)) {
      const html = part.outerHTML;
      const old = $(part.id);
      if (old === null || written.get(part.id) === html) continue;
      const open = [...old.querySelectorAll('details[open]')].map((details) => details.id);
      const held = old.contains(document.activeElement);
      const holder = held ? document.activeElement.closest('details') : null;
      written.set(part.id, html);
      old.replaceWith(part);
      for (const id of open) if (id !== '' && $(id) !== null) $(id).open = true;
      if (held) {
        const next = $(focused) || (holder !== null && $(holder.id) !== null && $(holder.id).querySelector('summary'));
        if (next) next.focus({ preventScroll: true });
      }
      differs = true;
    }
    for (const count of page.querySelectorAll('[id^=count-]')) $(count.id).textContent = count.textContent;
    document.title = page.title;
    $('icon').href = page.getElementById('icon').getAttribute('href');
    if (differs) filter();
  }

  let asking = false;
  let again = false;
  let asked = Date.now();

  async function refresh() {
    if (document.hidden) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    asked = Date.now();
    try {
      const answer = await fetch('./', { headers: { accept: 'text/html' }, redirect: 'error' });
      if (!answer.ok) throw new Error('answered ' + answer.status);
      take(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      say('live', 'Live');
    } catch {
      lost();
    }
    asking = false;
    if (again) {
      again = false;
      await refresh();
    }
  }

  // Connection

  const link = $('link');
  let source;

  function say(state, text) {
    link.dataset.state = state;
    if (link.textContent !== text) link.textContent = text;
  }

  function lost() {
    say('lost', 'Not connected: what you see may be old');
  }

  function connect() {
    source = new EventSource('page/events');
    source.addEventListener('change', refresh);
    source.addEventListener('open', refresh);
    source.addEventListener('error', () => {
      lost();
      // Closed for good where somebody else answers, a proxy for one; the browser itself tries again after the rest.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT);
    });
  }

  document.addEventListener('visibilitychange', refresh);
  setInterval(() => {
    if (Date.now() - asked >= REFRESH) refresh();
  }, REFRESH / 4);
  connect();
})();
`;
