/* Sends scripts that were written for Instagram's API, such as instafeed.js, to the server that this file came
   from. Only addresses that carry one of its keys are changed; real tokens of Instagram never come here. */
(function () {
  "use strict";
  var script = document.currentScript || document.querySelector('script[src*="/compat/instafeed-shim.js"]');
  if (!script) { return; }
  var home = script.src.split("/compat/instafeed-shim.js")[0] + "/graph/";
  var theirs = /^https:\/\/graph\.instagram\.com\//i;
  var ours = /[?&]access_token=vt_pk_/;

  function redirected(url) {
    url = String(url);
    if (!theirs.test(url) || !ours.test(url)) { return null; }
    /* Such scripts put texts into pages as HTML, so they are asked for as safe HTML. */
    var safe = /[?&]escape=/.test(url) ? url : url.replace(/#.*$|$/, "&escape=html");
    return safe.replace(theirs, function () { return home; });
  }

  var open = XMLHttpRequest.prototype.open;
  XMLHttpRequest.prototype.open = function (method, url) {
    var to = redirected(url);
    if (to) { arguments[1] = to; }
    return open.apply(this, arguments);
  };

  var fetch = window.fetch;
  if (!fetch) { return; }
  window.fetch = function (input, init) {
    var isRequest = typeof Request === "function" && input instanceof Request;
    var to = redirected(isRequest ? input.url : input);
    if (!to) { return fetch.apply(this, arguments); }
    return fetch.call(this, isRequest ? new Request(to, input) : to, init);
  };
})();
