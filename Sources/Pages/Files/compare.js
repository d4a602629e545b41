// The page to compare: one question, two answers without names in random order, and a choice.
import { announce, byId, element, models, newKey, newSeed, problem, request, samplingFields }
  from "./common.js";
import { rendered } from "./markdown.js";

const sampling = samplingFields(byId("sampling"), ["seed"]);
const anyModel = "any model";
let names = [];
/** The question and the answers that are shown, and what was chosen last. */
let current = null;
let last = null;
let isBusy = false;
/** Prompts of a file, of which the next stands first. */
let queue = [];

const rater = () => byId("rater").value.trim() || "me";
const coin = () => crypto.getRandomValues(new Uint8Array(1))[0] & 1;
const pick = (list) => list[crypto.getRandomValues(new Uint32Array(1))[0] % list.length];

// MARK: Questions

async function next() {
  if (isBusy) return;
  problem();
  clear();
  const source = byId("source").value;
  byId("asking").hidden = source !== "own";
  byId("next").hidden = true;
  if (source === "own") { byId("question").value = ""; byId("question").focus(); return; }
  try {
    if (source === "log") {
      const prompt = queue.shift();
      if (prompt) await compare(prompt);
      else say("There are no more questions in the file.");
      return;
    }
    const found = await request("/feedback/next", { rater: rater(), from: source });
    if (!found.prompt) say("There is nothing left to compare; ask something yourself, or come back later.");
    else if (found.answers) present(found.prompt, found.answers);
    else await compare(found.prompt);
  } catch (error) { problem(`No question: ${error.message}.`); }
}

/** The prompts of JSON Lines: what stands before the assistant's last turns. */
function prompts(text) {
  return text.split("\n").filter((line) => line.trim()).flatMap((line) => {
    try {
      const record = JSON.parse(line);
      const said = record.prompt ?? record.messages;
      const turns = typeof said === "string" ? [{ role: "user", content: said }] : [...said];
      while (turns.at(-1)?.role === "assistant") turns.pop();
      return turns.length ? [turns.map(({ role, content }) => ({ role, content }))] : [];
    } catch { return []; }
  });
}

// MARK: Answers

async function compare(prompt) {
  isBusy = true;
  showPrompt(prompt);
  say("Both answers are being written…");
  try {
    // Nothing is shown before both are there: who answers faster is not to be seen.
    let [one, other] = [byId("one").value, byId("other").value].map((name) => name === anyModel ? pick(names) : name);
    if (byId("other").value === anyModel && one === other && names.length > 1) {
      other = pick(names.filter((name) => name !== one));
    }
    present(prompt, await Promise.all([one, other].map((model) => draw(model, prompt))));
  } catch (error) {
    problem(`No answers: ${error.message}.`);
    byId("next").hidden = false;
    say("");
  }
  isBusy = false;
}

async function draw(model, prompt) {
  const settings = sampling();
  const seed = newSeed();
  const whole = await request("/v1/chat/completions", { model, messages: prompt, ...settings, seed });
  return { text: whole.choices[0].message.content, model, sampling: settings, seed };
}

function showPrompt(prompt) {
  byId("prompt").hidden = false;
  byId("prompt").replaceChildren(...prompt.map(({ role, content }) =>
    element("div", { class: `turn ${role}` }, element("div", { class: "name" }, role), element("div", { class: "plain" }, content ?? ""))));
}

function present(prompt, answers) {
  current = { prompt, answers: coin() ? answers : [answers[1], answers[0]] };
  showPrompt(prompt);
  show();
  say("");
  announce("Two answers are there. Press 1, 2, 3 or 4 to choose.");
  byId("prompt").focus({ preventScroll: true });
}

function show() {
  byId("answers").hidden = byId("verdict").hidden = false;
  byId("answers").replaceChildren(...current.answers.map((answer, place) => {
    const title = place === 0 ? "The first answer" : "The second answer";
    const body = element("div", { class: "body" });
    const area = element("textarea", { rows: 6, "aria-label": `${title}, edited`, hidden: true });
    area.value = answer.edit ?? answer.text;
    area.addEventListener("input", () => { answer.edit = area.value; });
    body.append(answer.text.trim() ? rendered(answer.text) : element("p", { class: "empty" }, "(no words)"));
    const edit = element("button", { type: "button", class: "quiet", click: () => {
      area.hidden = !area.hidden;
      body.hidden = !area.hidden;
      if (!area.hidden) area.focus();
    } }, "Edit, if it is the better one");
    return element("article", { class: "assistant", "aria-label": title },
      element("div", { class: "name" }, title), body, area, element("footer", {}, edit));
  }));
}

function clear() {
  current = null;
  byId("note").value = "";
  for (const id of ["prompt", "answers", "verdict"]) byId(id).hidden = true;
  say("");
}

function say(text) {
  byId("last").textContent = text;
  announce(text);
}

// MARK: Choices

async function choose(choice) {
  if (!current || isBusy) return;
  isBusy = true;
  const judged = current;
  const better = { first: 0, second: 1 }[choice];
  const edit = judged.answers[better]?.edit?.trim();
  judged.note = byId("note").value;
  const key = judged.key ??= newKey();
  try {
    await request("/feedback/judgments", {
      key, rater: rater(), prompt: judged.prompt, choice,
      answers: judged.answers.map(({ text, model, sampling, seed }) => ({ text, model, sampling, seed })),
      note: judged.note.trim() || null, edit: edit && edit !== judged.answers[better].text ? edit : null,
    });
  } catch (error) {
    problem(`Not kept: ${error.message}. Choose again.`);
    isBusy = false;
    return;
  }
  isBusy = false;
  last = judged;
  clear();
  byId("undo").hidden = byId("next").hidden = false;
  await progress();
  const source = byId("source").value;
  if (source === "own") byId("asking").hidden = false;
  if (source === "own") byId("question").focus(); else await next();
  const [first, second] = judged.answers.map((answer) => answer.model);
  const words = { first: "the first", second: "the second", both_good: "both good", both_bad: "both bad" }[choice];
  byId("last").textContent =
    `Kept: ${words}. The first was by ${first}, the second by ${second}. ${byId("last").textContent}`;
}

async function undo() {
  if (!last || isBusy) return;
  problem();
  try {
    await request("/feedback/undo", { key: last.key });
    current = { ...last, key: undefined };
    last = null;
    byId("undo").hidden = true;
    byId("asking").hidden = true;
    byId("note").value = current.note;
    showPrompt(current.prompt);
    show();
    say("The last choice is taken back; choose again.");
    await progress();
  } catch (error) { problem(`Not taken back: ${error.message}.`); }
}

async function progress() {
  const { keeps, comparisons, goal, prompts } = await request("/feedback");
  if (!keeps) {
    byId("goal").hidden = true;
    problem("This server keeps no choices; start it with --feedback FILE.");
    return { keeps };
  }
  byId("progress").max = goal;
  byId("progress").value = Math.min(goal, comparisons);
  byId("goal-text").textContent = comparisons < goal
    ? `${comparisons} of ${goal} comparisons. ${goal} make a reward model worth training.`
    : `${comparisons} comparisons: the goal of ${goal} is reached. hone dpo --data can learn from them.`;
  return { keeps, prompts };
}

// MARK: Controls

byId("asking").addEventListener("submit", (event) => {
  event.preventDefault();
  const content = byId("question").value.trim();
  if (content && !isBusy) compare([{ role: "user", content }]);
});
for (const button of byId("choices").children) button.addEventListener("click", () => choose(button.dataset.choice));
byId("undo").addEventListener("click", undo);
byId("next").addEventListener("click", next);
byId("source").addEventListener("change", () => {
  byId("log-label").hidden = byId("source").value !== "log";
  next();
});
byId("log").addEventListener("change", async () => {
  queue = prompts(await byId("log").files[0]?.text() ?? "");
  next();
});
byId("rater").value = localStorage.getItem("rater") ?? "";
byId("rater").addEventListener("change", () => localStorage.setItem("rater", byId("rater").value.trim()));
addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const choice = { 1: "first", 2: "second", 3: "both_good", 4: "both_bad" }[event.key];
  if (choice) choose(choice);
  else if (event.key === "u") undo();
  else if (event.key === "n" && !byId("next").hidden) next();
});
byId("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("asking").requestSubmit();
  }
});

try {
  names = await models();
  const options = () => [...names, ...names.length > 2 ? [anyModel] : []].map((name) => element("option", {}, name));
  byId("one").append(...options());
  byId("other").append(...options());
  byId("other").value = names.length > 2 ? anyModel : names.at(-1);
  if (names.length > 2) byId("one").value = anyModel;
  const state = await progress();
  if (state.prompts > 0) byId("source").value = "prompts";
  if (state.keeps) await next();
} catch (error) { problem(`The server does not answer: ${error.message}.`); }
