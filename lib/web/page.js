// What the pages need and Streamlit cannot do: the only script of ours. It knows nothing of sessions or predictions.
(() => {
  "use strict";

  const FIELDS = "input, textarea, select, [contenteditable=true], [role=combobox], [role=listbox]";
  const NAME_LABELS = ["Your name", "Reviewer name"];
  const COOKIE = "second-look-name";
  const ARROWS = ["←", "→"];
  const LONGEST_NAME = 60;
  const COOKIE_DAYS = 180;
  const UPLOADS_AT_ONCE = 6;
  const FOLDER = new URL(".", document.currentScript.src).pathname;

  const isTyping = (target) => target instanceof Element && target.closest(FIELDS) !== null;
  const listKeyCaps = () => [...document.querySelectorAll("button [data-has-shortcut] kbd")];
  const usesArrows = () => listKeyCaps().some((cap) => ARROWS.includes(cap.textContent));

  // What a key does on a page: it presses the focused button, or the one that names it as its shortcut.
  const pressesButton = ({ key, target, altKey, ctrlKey, metaKey }) => {
    if (altKey || ctrlKey || metaKey || isTyping(target)) return false;
    if (key === "Enter") return target instanceof Element && target.closest("button") !== null;
    if (key === "ArrowLeft" || key === "ArrowRight") return usesArrows();
    return key.length === 1 && key !== " ";
  };

  // A key that is held down repeats. It must not answer for images that nobody has looked at.
  const dropRepeats = (event) => {
    if (event.repeat && pressesButton(event)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  };

  // "?" lists the keys of the buttons that are on the page now. Streamlit allows no such shortcut.
  const listKeys = () =>
    listKeyCaps().map((cap) => {
      const text = cap.closest("button").cloneNode(true);
      text.querySelectorAll("kbd").forEach((hint) => hint.remove());
      return [cap.textContent, text.textContent.trim()];
    });

  const showKeys = () => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Keyboard shortcuts");
    dialog.className = "second-look-keys";
    const heading = document.createElement("h2");
    heading.textContent = "Keyboard shortcuts";
    const list = document.createElement("dl");
    for (const [key, action] of [...listKeys(), ["?", "Show these keys"]]) {
      const term = document.createElement("dt");
      const description = document.createElement("dd");
      term.textContent = key;
      description.textContent = action;
      list.append(term, description);
    }
    dialog.append(heading, list);
    const before = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus({ preventScroll: true });
    });
    dialog.addEventListener("keydown", (event) => event.key === "?" && dialog.close());
    dialog.addEventListener("click", () => dialog.close());
    document.body.append(dialog);
    dialog.showModal();
  };

  const handleHelp = (event) => {
    const isOpen = document.querySelector("dialog[open], [role=dialog]") !== null;
    if (event.key === "?" && !isTyping(event.target) && !isOpen) {
      event.preventDefault();
      showKeys();
    }
  };

  const focusContent = () => {
    const content = document.querySelector("[data-testid=stMain]");
    content?.setAttribute("tabindex", "-1");
    content?.focus({ preventScroll: true });
  };

  // Streamlit replaces a button after its action, and focus is lost: the keyboard would start at the top again.
  const describe = (element) => {
    const keyed = element.closest("[class*=st-key-]");
    const key = keyed && [...keyed.classList].find((name) => name.startsWith("st-key-"));
    return key && { key, tag: element.tagName.toLowerCase() };
  };

  const restoreFocus = (event) => {
    const element = event.target;
    const place = element instanceof Element && !isTyping(element) && describe(element);
    if (!place || event.relatedTarget) return;
    setTimeout(() => {
      const isLost = !element.isConnected && document.activeElement === document.body;
      if (!isLost) return;
      const again = document.querySelector(`.${CSS.escape(place.key)} ${place.tag}`);
      if (again) again.focus({ preventScroll: true });
      else focusContent();
    }, 300);
  };

  // The name of a reviewer survives a refresh. Without sign-in, the server reads it when a visit begins.
  const keepName = (event) => {
    if (!(event.target instanceof HTMLInputElement) || !NAME_LABELS.includes(event.target.ariaLabel)) return;
    const name = encodeURIComponent(event.target.value.trim().slice(0, LONGEST_NAME));
    const seconds = name ? COOKIE_DAYS * 24 * 3600 : 0;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `${COOKIE}=${name}; path=${FOLDER}; max-age=${seconds}; samesite=lax${secure}`;
  };

  // Streamlit starts all uploads at once. Browsers fail some of them when there are more than a thousand.
  const queueUploads = ({ prototype }) => {
    const { open, send, abort } = prototype;
    const waiting = [];
    const aborted = new WeakSet();
    const uploads = new WeakSet();
    let running = 0;

    const startNext = () => {
      while (running < UPLOADS_AT_ONCE && waiting.length > 0) {
        const [request, body] = waiting.shift();
        if (aborted.has(request)) continue;
        running += 1;
        request.addEventListener("loadend", endOne, { once: true });
        send.call(request, body);
      }
    };
    const endOne = () => {
      running -= 1;
      startNext();
    };

    prototype.open = function (method, url, ...rest) {
      if (method.toUpperCase() === "PUT" && String(url).includes("/_stcore/upload_file/")) uploads.add(this);
      return open.call(this, method, url, ...rest);
    };
    prototype.send = function (body) {
      if (!uploads.has(this)) return send.call(this, body);
      waiting.push([this, body]);
      startNext();
    };
    prototype.abort = function () {
      aborted.add(this);
      return abort.call(this);
    };
  };

  queueUploads(XMLHttpRequest);
  addEventListener("keydown", dropRepeats, true);
  addEventListener("keydown", handleHelp);
  addEventListener("focusout", restoreFocus);
  addEventListener("focusout", keepName);
  addEventListener("keydown", (event) => event.key === "Enter" && keepName(event), true);
})();
