// Keeps an open page up to date, and lets nobody miss their turn. Without it, or where a browser
// is too old for it, pages work by being loaded anew. Written for browsers of ten years ago.
(function () {
  'use strict';

  var SILENCE = 40000; // milliseconds: two beats and a half, after which nothing came, are too many

  // A form is sent once, however often its button is tapped.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (form.getAttribute('data-sent')) {
      event.preventDefault();
    }
    form.setAttribute('data-sent', 'yes');
  });
  window.addEventListener('pageshow', function () {
    var forms = document.forms;
    for (var i = 0; i < forms.length; i++) {
      forms[i].removeAttribute('data-sent');
    }
  });

  var page = document.getElementById('page');
  if (!page) {
    return;
  }
  if (!window.EventSource) {
    setTimeout(function () { location.reload(); }, 30000);
    return;
  }

  var lost = document.getElementById('lost');
  var say = document.getElementById('say');
  var asOf = document.getElementById('as-of');
  var centre = document.title.slice(document.title.lastIndexOf(' – '));

  var source = null;
  var retry = 0; // the timer of the next try, and how long it waits
  var patience = 2000;
  var heard = Date.now();
  var parts = {};
  ['status', 'actions', 'calls', 'queues'].forEach(function (name) {
    var part = document.getElementById(name);
    if (part) {
      parts[name] = part.innerHTML;
    }
  });
  var seen = page.getAttribute('data-seen');
  var said = page.getAttribute('data-say');
  var turn = page.getAttribute('data-turn');
  var time = page.getAttribute('data-time');

  function put(element, text) {
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  // As the browser itself writes it.
  function normal(html) {
    var element = document.createElement('div');
    element.innerHTML = html;
    return element.innerHTML;
  }

  function show(update) {
    document.title = update.title + centre;
    for (var name in update.parts) {
      var html = normal(update.parts[name]);
      // What is as before stays in place: a question that is open, a button that has the focus.
      if (html !== parts[name]) {
        parts[name] = html;
        document.getElementById(name).innerHTML = html;
      }
    }
    var isCalled = update.turn && update.turn !== turn;
    turn = update.turn;
    if (update.say !== said || isCalled) {
      said = update.say;
      say.textContent = '';
      setTimeout(function () { say.textContent = said; }, 100);
    }
    if (sound) {
      sound.hidden = !Audio || !update.awaits;
      isDue = update.awaits || !!turn;
      stayAwake();
      if (isCalled) {
        alarm();
      }
    }
  }

  // The connection

  function open() {
    clearTimeout(retry);
    if (source) {
      source.close();
    }
    heard = Date.now();
    source = new EventSource(page.getAttribute('data-events') + '&seen=' + encodeURIComponent(seen));
    source.onmessage = function (event) {
      heard = Date.now();
      seen = event.lastEventId;
      show(JSON.parse(event.data));
    };
    source.addEventListener('beat', function (event) {
      heard = Date.now();
      patience = 2000;
      time = event.data;
      put(asOf, page.getAttribute('data-as-of').replace('{time}', time));
      put(lost, '');
    });
    source.addEventListener('stale', function (event) {
      heard = Date.now();
      put(lost, event.data);
    });
    source.addEventListener('gone', function () {
      source.close();
      location.reload();
    });
    source.onerror = function () {
      lose();
      if (source.readyState === 2) { // it does not try again by itself
        later();
      }
    };
  }

  function lose() {
    put(lost, page.getAttribute('data-lost').replace('{time}', time));
  }

  function later() {
    clearTimeout(retry);
    // Not all phones at the same moment.
    retry = setTimeout(open, patience * (0.5 + Math.random()));
    patience = Math.min(2 * patience, 25000); // silence is broken by then
  }

  function look() {
    if (Date.now() - heard > SILENCE) {
      lose();
      open();
    }
  }

  setInterval(look, 5000);
  document.addEventListener('visibilitychange', look);
  window.addEventListener('offline', lose);
  window.addEventListener('online', open);
  window.addEventListener('pageshow', function (event) {
    if (event.persisted) {
      open();
    }
  });
  window.addEventListener('pagehide', function () { source.close(); });

  // The turn: what one hears and feels of it

  var Audio = window.AudioContext || window.webkitAudioContext;
  var sound = document.getElementById('sound');
  var audio = null;
  var isOn = false;
  var isDue = true; // a call may come, or is there
  var awake = null; // the promise of a lock

  function note(pitch, start) {
    var tone = audio.createOscillator();
    var volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.6, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.9);
    tone.connect(volume);
    volume.connect(audio.destination);
    tone.start(start);
    tone.stop(start + 1);
  }

  function chime(times) {
    if (audio.resume) {
      audio.resume();
    }
    for (var i = 0; i < times; i++) {
      note(784, audio.currentTime + 0.05 + 1.6 * i);
      note(587, audio.currentTime + 0.45 + 1.6 * i);
    }
  }

  function alarm() {
    if (isOn) {
      chime(4);
    }
    if (navigator.vibrate) {
      navigator.vibrate([500, 250, 500, 250, 500]);
    }
  }

  // A phone that goes to sleep stops the page: while the sound is on, the screen stays on; but no
  // longer than there is something to wait for.
  function stayAwake() {
    if (!navigator.wakeLock) {
      return;
    }
    if (!isOn || !isDue) {
      if (awake) {
        awake.then(function (lock) { lock.release(); }, function () {});
      }
    } else if (!awake && document.visibilityState === 'visible') {
      awake = navigator.wakeLock.request('screen');
      awake.then(function (lock) {
        lock.addEventListener('release', function () {
          awake = null;
          stayAwake(); // it may be wanted again by now
        });
      }, function () { awake = null; });
    }
  }

  if (sound && Audio) {
    sound.hidden = !sound.hasAttribute('data-awaits');
    sound.addEventListener('click', function () {
      var label = sound.getAttribute('data-other');
      sound.setAttribute('data-other', sound.textContent);
      sound.textContent = label;
      isOn = !isOn;
      if (isOn) {
        audio = audio || new Audio();
        chime(1);
      }
      sound.className = isOn ? '' : 'main';
      stayAwake();
    });
    document.addEventListener('visibilitychange', stayAwake);
  }

  open();
})();
