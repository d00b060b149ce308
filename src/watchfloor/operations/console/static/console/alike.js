/* One answer for the cases that look like the one in hand: says how many and which, and asks before it sends. */
(function () {
  "use strict";
  if (!window.desk) return;
  const { root, words, post, acts, held, form, note } = window.desk;
  const box = document.getElementById("dialog-alike");

  /* The answer must stand first: it is what all of them get. */
  async function ask() {
    const one = held();
    if (!one || one.article.querySelector("[data-notice-card]")) return null;
    const found = form.check(one.article);
    form.faults(one.article, found);
    if (Object.keys(found).length) return null;
    const answer = await post(`${root.dataset.leases}${one.token}/alike/`);
    if (held() !== one) return null;
    if (answer.status === 409 && answer.data.stale) return acts.send();
    if (answer.status !== 200) return note(answer.data?.message || (answer.status ? words.failed : words.offline), { key: "alike", kind: "trouble", seconds: 8 });
    if (answer.data.refused) return note(answer.data.refused, { key: "alike", seconds: 8 });
    if (!answer.data.count) return note(words.none_alike, { key: "alike", seconds: 4 });
    box.replaceChildren(document.importNode(new DOMParser().parseFromString(answer.data.html, "text/html").body.firstElementChild, true));
    box.querySelector("[data-alike-answer]").textContent = window.desk.titleOf(one.article);
    count();
    box.showModal();
    box.querySelector("[type=submit]").focus();
    return null;
  }

  const chosen = () => [...box.querySelectorAll("input[name=alike]:checked")].map((input) => input.value);
  function count() {
    box.querySelector("[data-alike-confirm]").textContent = words.answer_all.replace("{n}", chosen().length + 1);
  }

  box.addEventListener("change", count);
  box.addEventListener("submit", (event) => {
    event.preventDefault();
    const ids = chosen();
    box.close();
    acts.send(ids);
  });
  acts.alike = ask;
})();
