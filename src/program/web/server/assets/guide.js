// What pages do better with a script. Nothing needs it.
'use strict';
document.documentElement.classList.add('script');

// A page that is left shows nothing any more. One that a browser kept for going
// back is asked for again before it shows anything: the case may have been
// stopped or locked since.
window.addEventListener('pagehide', function () { document.documentElement.hidden = true; });
window.addEventListener('pageshow', function (event) {
  if (event.persisted) location.reload();
  else document.documentElement.hidden = false;
});

// Esc covers the page at once; a second Esc stops the case.
(function () {
  var form = document.getElementById('stop');
  if (!form) return;
  var cover = null;
  var had = null;
  function uncover() {
    document.body.hidden = false;
    cover.remove();
    cover = null;
    if (had) had.focus({ preventScroll: true });
  }
  document.addEventListener('keydown', function (event) {
    if (event.isComposing || event.repeat) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      if (cover) {
        form.submit();
        return;
      }
      cover = document.createElement('div');
      cover.className = 'cover';
      cover.setAttribute('role', 'alert');
      cover.textContent = 'Covered. Press Esc again to stop the case. Press any other key to go back.';
      // Firefox gives no key to a page of which nothing that is shown has the
      // focus: the second Esc would stop nothing.
      cover.tabIndex = -1;
      had = document.activeElement;
      document.documentElement.appendChild(cover);
      document.body.hidden = true;
      cover.focus();
    } else if (cover && !['Shift', 'Control', 'Alt', 'Meta', 'Tab'].includes(event.key)) {
      event.preventDefault();
      uncover();
    }
  }, true);
  form.addEventListener('submit', function () { document.body.hidden = true; });
  window.addEventListener('pageshow', function () { document.body.hidden = false; });
})();

// The summary of mistakes is read first.
(function () {
  var summary = document.querySelector('.summary');
  if (summary) summary.focus();
})();

// A passphrase can be shown.
document.querySelectorAll('input[type=password]').forEach(function (field) {
  var button = document.createElement('button');
  button.type = 'button';
  button.className = 'plain show';
  button.setAttribute('aria-controls', field.id);
  function say() {
    var hidden = field.type === 'password';
    button.textContent = hidden ? 'Show' : 'Hide';
    button.setAttribute('aria-label', (hidden ? 'Show' : 'Hide') + ' what is typed: ' +
      document.querySelector('label[for="' + field.id + '"]').textContent);
  }
  button.addEventListener('click', function () {
    field.type = field.type === 'password' ? 'text' : 'password';
    say();
  });
  say();
  field.insertAdjacentElement('afterend', button);
  if (field.form) field.form.addEventListener('submit', function () { field.type = 'password'; });
});

// Buttons that print.
document.querySelectorAll('button[data-print]').forEach(function (button) {
  button.hidden = false;
  button.addEventListener('click', function () { window.print(); });
});

// One press sends a form once. Files have a way of their own, below.
document.querySelectorAll('form').forEach(function (form) {
  if (form.querySelector('.progress')) return;
  var sent = false;
  form.addEventListener('submit', function (event) {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(function () { sent = false; }, 3000);
  });
});

// Work that goes on: the server says when to look again.
(function () {
  var live = document.querySelector('[data-live]');
  if (!live || !window.EventSource) return;
  var events = new EventSource(live.getAttribute('data-live'));
  events.addEventListener('words', function (event) { live.textContent = event.data; });
  events.addEventListener('done', function () { events.close(); location.reload(); });
})();

// A list whose cases are still being read is looked at again, unless somebody
// is in it.
(function () {
  var part = document.querySelector('[data-again]');
  if (!part || !window.fetch || !window.DOMParser) return;
  function look() {
    fetch(location.href).then(function (answer) { return answer.text(); }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById(part.id);
      if (fresh && !part.contains(document.activeElement)) {
        part.replaceWith(fresh);
        part = fresh;
      }
    }).catch(function () {}).then(wait);
  }
  function wait() { if (part.hasAttribute('data-again')) setTimeout(look, 700); }
  wait();
})();

// What is recorded appears by itself; a stop takes everything off the screen.
// Only a page that can be seen listens: a browser has few connections to the
// guide, and Stop must not wait for one.
(function () {
  var panel = document.querySelector('[data-case]');
  if (!panel || !window.EventSource) return;
  var address = panel.getAttribute('data-case');
  var asks = panel.getAttribute('data-asks');
  var list = document.getElementById('list');
  var title = document.title;
  var heard = null;
  var events = null;

  function html(words) {
    var made = document.createElement('template');
    made.innerHTML = words.trim();
    return made;
  }
  // Only what is different is replaced; the focus does not get lost with it.
  function fill(where, words) {
    var place = panel.querySelector(where) || document.querySelector('main > ' + where);
    var made = html(words);
    if (!place || made.innerHTML === place.innerHTML.trim()) return;
    var had = place.contains(document.activeElement);
    place.replaceChildren(made.content);
    if (had) document.querySelector('main').focus({ preventScroll: true });
  }
  function put(where, words) {
    var place = panel.querySelector(where);
    if (place && place.textContent !== words.trim()) place.textContent = words.trim();
  }
  // Rows that stay are not touched: what is read, marked or has the focus
  // stays where it is.
  function follow(words) {
    var rows = html(words).content.querySelector('ol.log');
    var old = list.querySelector('ol.log');
    if (!rows || !old) {
      list.innerHTML = words;
      return;
    }
    var known = new Map([...old.children].map(function (row) { return [row.id, row]; }));
    var wanted = new Set([...rows.children].map(function (row) { return row.id; }));
    var seen = [...old.children].find(function (row) {
      return wanted.has(row.id) && row.getBoundingClientRect().bottom > 0;
    });
    var top = seen && seen.getBoundingClientRect().top;
    var next = old.firstElementChild;
    [...rows.children].forEach(function (row) {
      var there = known.get(row.id);
      if (!there) {
        old.insertBefore(row, next);
      } else {
        next = there.nextElementSibling;
        if (!there.isEqualNode(row) && !there.contains(document.activeElement)) there.replaceWith(row);
      }
    });
    known.forEach(function (row, id) {
      if (!wanted.has(id) && !row.contains(document.activeElement)) row.remove();
    });
    // Most browsers hold what is read where it is; the others are helped.
    if (seen && top < 0 && !CSS.supports('overflow-anchor', 'auto')) {
      window.scrollBy(0, seen.getBoundingClientRect().top - top);
    }
  }

  function seen() { document.documentElement.classList.remove('unseen'); }
  function rest() {
    if (events) events.close();
    events = null;
  }
  function listen() {
    if (events) return;
    events = new EventSource(address + (asks ? '?' + asks : ''));
    events.addEventListener('error', seen);
    events.addEventListener('state', function (event) { seen(); put('.state', event.data); });
    events.addEventListener('trouble', function (event) { fill('.trouble', event.data); });
    events.addEventListener('facts', function (event) { fill('.facts', event.data); });
    events.addEventListener('deeds', function (event) { fill('.deeds', event.data); });
    events.addEventListener('ending', function (event) {
      fill('.ending', event.data);
      document.title = (event.data.trim() ? 'The recording ends soon – ' : '') + title;
    });
    // What was so when the page came is not news.
    events.addEventListener('aloud', function (event) {
      if (heard !== null && heard !== event.data) put('.aloud', event.data);
      heard = event.data;
    });
    events.addEventListener('list', function (event) { if (list) follow(event.data); });
    events.addEventListener('stopped', function () {
      rest();
      document.body.hidden = true;
      location.replace(address.replace(/live$/, 'stopped'));
    });
  }
  // Nothing is shown again before it is known that it may be.
  document.addEventListener('visibilitychange', function () {
    if (!document.hidden) {
      listen();
    } else {
      rest();
      document.documentElement.classList.add('unseen');
    }
  });
  window.addEventListener('pagehide', rest);
  window.addEventListener('pageshow', function () { if (!document.hidden) listen(); });
  if (!document.hidden) listen();
})();

// Files that are sent: how far they are, and a way to leave off.
document.querySelectorAll('form[enctype="multipart/form-data"]').forEach(function follow(form) {
  var words = form.querySelector('.progress');
  if (!words || !window.FormData) return;
  var button = form.querySelector('button:not([type=button])');
  var bar = document.createElement('progress');
  var far = document.createElement('p');
  var cancel = document.createElement('button');
  var sending = null;
  bar.setAttribute('aria-label', 'How much is sent');
  far.className = 'far';
  cancel.type = 'button';
  cancel.className = 'second cancel';
  cancel.textContent = 'Cancel';
  words.after(bar, far, cancel);
  show(false);

  function show(is) {
    bar.hidden = far.hidden = cancel.hidden = !is;
    bar.removeAttribute('value');
    far.textContent = '';
  }
  function over(said) {
    var had = document.activeElement === cancel;
    sending = null;
    show(false);
    words.textContent = said;
    if (had) button.focus();
  }
  function megabytes(bytes) { return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0); }
  // Said aloud in quarters only; the bar moves on.
  function quarters(part) {
    return ['It is being sent.', 'A quarter is sent.', 'Half is sent.',
      'Three quarters are sent.'][Math.floor(4 * part)];
  }

  cancel.addEventListener('click', function () { if (sending) sending.abort(); });
  form.addEventListener('submit', function (event) {
    if (sending) event.preventDefault();
    if (event.defaultPrevented) return;
    event.preventDefault();
    sending = new XMLHttpRequest();
    sending.open('POST', form.action);
    sending.upload.addEventListener('progress', function (event) {
      if (!event.lengthComputable || !event.total || event.loaded === event.total) return;
      bar.value = event.loaded / event.total;
      far.textContent = megabytes(event.loaded) + ' of ' + megabytes(event.total) + ' MB';
      var said = quarters(event.loaded / event.total);
      if (words.textContent !== said) words.textContent = said;
    });
    sending.upload.addEventListener('load', function () {
      if (document.activeElement === cancel) document.querySelector('main').focus();
      show(false);
      words.textContent = words.dataset.sent;
    });
    sending.addEventListener('abort', function () {
      over(words.dataset.cancelled);
    });
    sending.addEventListener('load', function () {
      var done = sending;
      if (done.status === 200 && done.responseURL && done.responseURL !== form.action) {
        location.assign(done.responseURL);
        return;
      }
      var page = new DOMParser().parseFromString(done.responseText, 'text/html');
      document.title = page.title;
      document.querySelector('main').replaceWith(page.querySelector('main'));
      document.querySelectorAll('form[enctype="multipart/form-data"]').forEach(follow);
      var summary = document.querySelector('.summary');
      (summary || document.querySelector('main')).focus();
    });
    sending.addEventListener('error', function () {
      over(words.dataset.broken);
    });
    show(true);
    words.textContent = quarters(0);
    // In a form a browser writes some letters of a file's name as others.
    var data = new FormData(form);
    var names = [];
    data.forEach(function (value) {
      if (value instanceof File && value.name) names.push(value.webkitRelativePath || value.name);
    });
    data.append('names', JSON.stringify(names));
    sending.send(data);
  });
});
