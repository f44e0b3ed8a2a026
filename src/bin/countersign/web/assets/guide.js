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
