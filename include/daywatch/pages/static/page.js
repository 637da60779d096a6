// Every page: light or dark as Airflow's own switch says, links to Airflow's pages out of its frame, buttons that copy.
(function () {
  "use strict";
  var root = document.documentElement;
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  // Airflow's UI keeps its switch in the storage of the origin, which the pages share.
  function follow() {
    var chosen = null;
    try {
      chosen = window.localStorage.getItem("theme");
    } catch (error) {
      // A browser without storage: the system's setting counts.
    }
    var theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
    if (root.dataset.theme !== theme) {
      root.dataset.theme = theme;
      window.dispatchEvent(new Event("daywatch:theme"));
    }
  }

  follow();
  window.addEventListener("storage", follow);
  dark.addEventListener("change", follow);

  // A frame of Airflow may not replace the page around it. A link in that page may, and both are of one origin.
  document.addEventListener("click", function (event) {
    var link = event.target.closest("a[data-airflow]");
    if (!link || window.parent === window || event.ctrlKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    var outer = window.parent.document.createElement("a");
    outer.href = link.href;
    window.parent.document.body.appendChild(outer);
    outer.click();
    outer.remove();
  });

  // Over HTTP a browser has no clipboard for scripts: there, the text is selected, to be copied by hand.
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-copy]");
    if (!button) {
      return;
    }
    var text = document.getElementById(button.dataset.copy);
    window.getSelection().selectAllChildren(text);
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text.textContent).then(function () {
        button.textContent = "Copied";
      });
    }
  });
})();
