// Every page: light or dark as Airflow's own switch says, and links to Airflow's pages out of its frame.
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
})();
