// What pages do better with a script. Nothing needs it.
'use strict';
document.documentElement.classList.add('script');

// Esc covers the page at once; a second Esc stops the case.
(function () {
  var form = document.getElementById('stop');
  if (!form) return;
  var cover = null;
  function uncover() {
    document.body.hidden = false;
    cover.remove();
    cover = null;
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
      document.body.hidden = true;
      document.documentElement.appendChild(cover);
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

// One press sends a form once.
document.querySelectorAll('form').forEach(function (form) {
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

// What is recorded appears by itself; a stop takes everything off the screen.
(function () {
  var panel = document.querySelector('[data-case]');
  if (!panel || !window.EventSource) return;
  var address = panel.getAttribute('data-case');
  var list = document.getElementById('list');
  var shown = panel.getAttribute('data-stage');
  var waiting = null;
  var events = new EventSource(address + (panel.hasAttribute('data-list') ? '?list=yes' : ''));
  function put(where, words) {
    var place = panel.querySelector(where);
    if (place && place.textContent !== words.trim()) place.textContent = words.trim();
  }
  function update() {
    if (waiting === null || !list || list.contains(document.activeElement)) return;
    list.innerHTML = waiting;
    waiting = null;
  }
  events.addEventListener('state', function (event) { put('.state', event.data); });
  events.addEventListener('trouble', function (event) { put('.trouble', event.data); });
  events.addEventListener('facts', function (event) {
    var place = panel.querySelector('.facts');
    if (place) place.innerHTML = event.data;
  });
  events.addEventListener('list', function (event) { waiting = event.data; update(); });
  document.addEventListener('focusout', function () { setTimeout(update, 0); });
  events.addEventListener('stage', function (event) {
    if (shown !== null && event.data !== shown) { events.close(); location.reload(); }
  });
  events.addEventListener('stopped', function () {
    events.close();
    document.body.hidden = true;
    location.replace(address.replace(/live$/, 'stopped'));
  });
})();

// Files that are sent: how far they are.
document.querySelectorAll('form[enctype="multipart/form-data"]').forEach(function (form) {
  var words = form.querySelector('.progress');
  if (!words || !window.FormData) return;
  form.addEventListener('submit', function (event) {
    if (event.defaultPrevented) return;
    event.preventDefault();
    var sending = new XMLHttpRequest();
    sending.open('POST', form.action);
    sending.upload.addEventListener('progress', function (event) {
      if (!event.lengthComputable || !event.total) return;
      var done = Math.floor(100 * event.loaded / event.total);
      words.textContent = done < 100 ? done + ' % is sent.' : 'Everything is sent. It is being brought in.';
    });
    sending.addEventListener('load', function () {
      if (sending.status === 200 && sending.responseURL && sending.responseURL !== form.action) {
        location.assign(sending.responseURL);
        return;
      }
      var page = new DOMParser().parseFromString(sending.responseText, 'text/html');
      document.title = page.title;
      document.querySelector('main').replaceWith(page.querySelector('main'));
      var summary = document.querySelector('.summary');
      (summary || document.querySelector('main')).focus();
    });
    sending.addEventListener('error', function () {
      words.textContent = 'The files did not arrive. Nothing was brought in. Try again.';
    });
    words.textContent = 'The files are being sent.';
    sending.send(new FormData(form));
  });
});
