// Sends the form of a page that a letter leads to. The token comes from behind the # of the address, where no server
// and no log has seen it, and does not stay there: not in the history, nor for whoever looks over a shoulder.
(() => {
  'use strict';

  const form = document.querySelector('form[data-operation]');
  const outcome = document.getElementById('outcome');
  const show = document.getElementById('show');
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  let busy = false;

  history.replaceState(null, '', location.pathname);

  function say(text) {
    outcome.textContent = text;
    outcome.focus();
  }

  // What the API refuses about a field is said beside it; gives whether there was such a field.
  function refuseField(error) {
    const place = document.getElementById(`${error.field}-error`);
    if (!place) { return false; }
    place.textContent = `This ${error.message}.`;
    form.elements[error.field].setAttribute('aria-invalid', 'true');
    return true;
  }

  function clear() {
    outcome.textContent = '';
    form.querySelectorAll('.error').forEach((place) => { place.textContent = ''; });
    form.querySelectorAll('[aria-invalid]').forEach((field) => { field.removeAttribute('aria-invalid'); });
  }

  // Fields that were left empty are not sent: what is absent is optional.
  function body() {
    const sent = { token };
    for (const field of form.elements) {
      if (field.name && field.value && !field.closest('[hidden]')) { sent[field.name] = field.value; }
    }
    return sent;
  }

  async function ask(path, sent) {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(sent),
      credentials: 'omit',
      cache: 'no-store',
    });
    const text = await answer.text();
    return { answer, content: text ? JSON.parse(text) : {} };
  }

  // An invitation is answered with a sign-in. This page needs none, so none stays open.
  async function signOut(content) {
    if (content.refresh_token) { await ask('v1/auth/logout', { refresh_token: content.refresh_token }); }
  }

  function refuse(answer, problem) {
    if (problem.code === 'second_factor_required') { document.getElementById('code-field').hidden = false; }
    const fields = (problem.errors || []).filter(refuseField);
    const wait = answer.headers.get('Retry-After');
    say([problem.title, problem.detail].filter(Boolean).map((text) => text.replace(/[.]?$/, '.')).join(' ') +
      (wait ? ` Try again in ${Math.ceil(wait / 60)} minutes.` : ''));
    if (fields.length > 0) {
      form.elements[fields[0].field].focus();
    } else if (problem.code === 'second_factor_required') {
      form.elements.code.focus();
    }
  }

  async function send() {
    const { answer, content } = await ask(form.dataset.operation, body());
    if (!answer.ok) {
      refuse(answer, content);
      return;
    }
    form.hidden = true;
    say(form.dataset.done);
    await signOut(content);
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) { return; }
    busy = true;
    form.setAttribute('aria-busy', 'true');
    clear();
    try {
      await send();
    } catch (trouble) {
      say('The server did not answer. Try again in a moment.');
    } finally {
      busy = false;
      form.removeAttribute('aria-busy');
    }
  });

  if (show) {
    show.addEventListener('change', () => { form.elements.password.type = show.checked ? 'text' : 'password'; });
  }
  if (!token) {
    form.hidden = true;
    say('This page only works with the link in the email. Open it from there again.');
  }
})();
