// The page to chat: streaming, branches, retries, the model's doubt, thumbs.
import { announce, byId, element, models, newKey, newSeed, openWideSettings, problem, request, samplingFields, stream }
  from "./common.js";
import { doubted, hideTip } from "./doubt.js";
import { rendered } from "./markdown.js";
import { ConversationTree } from "./tree.js";

const sampling = samplingFields(byId("sampling"));
let tree = restored();
/** The articles of messages, by the messages' numbers. */
const articles = new Map();
let answering = null;
let keepsFeedback = false;

// MARK: What is remembered until the tab is closed

function restored() {
  try {
    return ConversationTree.from(sessionStorage.getItem("conversation"));
  } catch { return new ConversationTree(); }
}

function remember() {
  // A conversation that is too long to be remembered is still there to be seen.
  try { sessionStorage.setItem("conversation", tree.json); } catch { sessionStorage.removeItem("conversation"); }
}

// MARK: Messages

/** Shows the messages of the path, of which only new ones are made. */
function show() {
  const path = tree.path;
  const log = byId("log");
  hideTip();
  path.forEach((node, index) => {
    if (!articles.has(node.id)) articles.set(node.id, article(node));
    const wanted = articles.get(node.id);
    if (log.children[index] !== wanted) log.insertBefore(wanted, log.children[index] ?? null);
    tools(node);
  });
  while (log.children.length > path.length) log.lastChild.remove();
  if (path.length === 0) log.append(element("p", { class: "empty" }, "Nothing is said yet."));
}

function article(node) {
  const name = node.role === "user" ? "You" : node.model;
  const made = element("article", { class: node.role, "aria-label": name },
    element("div", { class: "name" }, name), element("div", { class: "body" }), element("footer"));
  fill(made, node);
  return made;
}

/** Puts the text of a message into its article. */
function fill(article, node) {
  const showsDoubt = node.tokens?.length > 0 && (node.doubtful ?? byId("doubtful").checked);
  const body = article.querySelector(".body");
  if (node.role === "user") body.replaceChildren(element("div", { class: "plain" }, node.content));
  else body.replaceChildren(showsDoubt ? doubted(node.tokens) : rendered(node.content));
  if (node.problem) body.append(element("p", { class: "wrong" }, node.problem));
}

function tools(node) {
  const article = articles.get(node.id);
  const footer = article.querySelector("footer");
  const button = (label, act, more = {}) => element("button", { type: "button", class: "quiet", click: act, ...more }, label);
  const parent = tree.parent(node);
  const place = parent.children.indexOf(node.id);
  const made = [];
  if (parent.children.length > 1) {
    made.push(
      button("‹", () => turn(node, -1), { "aria-label": "Previous version", disabled: place === 0 }),
      element("span", { class: "place" }, `${place + 1} of ${parent.children.length}`),
      button("›", () => turn(node, 1), { "aria-label": "Next version", disabled: place === parent.children.length - 1 }));
  }
  const isIdle = answering === null;
  made.push(button("Copy", () => navigator.clipboard?.writeText(node.content).then(() => announce("Copied."))));
  if (node.role === "user") {
    if (isIdle) made.push(button("Edit", () => edit(node)));
  } else if (answering?.node !== node) {
    if (isIdle) made.push(button("Retry", () => answer(parent)));
    if (node.tokens?.length) {
      made.push(button("Doubt", () => {
        node.doubtful = !(node.doubtful ?? byId("doubtful").checked);
        fill(article, node);
        tools(node);
      }, { "aria-pressed": String(node.doubtful ?? byId("doubtful").checked) }));
    }
    if (keepsFeedback && node.content) {
      for (const [choice, label] of [["good", "Good"], ["bad", "Bad"]]) {
        made.push(button(label, () => judge(node, choice),
          { "aria-pressed": String(node.choice === choice), "data-thumb": choice }));
      }
    }
  }
  footer.replaceChildren(...made);
}

function turn(node, by) {
  tree.turn(node, by);
  show();
  remember();
}

function edit(node) {
  const body = articles.get(node.id).querySelector(".body");
  const area = element("textarea", { rows: 3, "aria-label": "Your message, edited" });
  area.value = node.content;
  const leave = () => { fill(articles.get(node.id), node); tools(node); };
  const save = () => {
    const content = area.value.trim();
    leave();
    if (content && content !== node.content) answer(tree.add(tree.parent(node), { role: "user", content }));
  };
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); save(); }
  });
  body.replaceChildren(area, element("div", { class: "row" },
    element("button", { type: "button", click: save }, "Send"),
    element("button", { type: "button", class: "quiet", click: leave }, "Leave as it was")));
  area.focus();
}

// MARK: Answers

function messages(path, system) {
  const said = path.map(({ role, content }) => ({ role, content }));
  return system ? [{ role: "system", content: system }, ...said] : said;
}

/** Lets the model answer a message. */
async function answer(question) {
  if (answering) return;
  problem();
  const settings = sampling();
  const { seed = newSeed(), ...rest } = settings;
  const system = byId("system").value.trim();
  const node = tree.add(question, {
    role: "assistant", content: "", model: byId("model").value, tokens: [], sampling: rest, seed, system,
  });
  const controller = new AbortController();
  answering = { node, controller };
  busy(true);
  show();
  byId("log").lastChild.scrollIntoView({ block: "end" });
  announce(`${node.model} is answering.`);
  let waits = false;
  const draw = () => {
    waits = false;
    const log = byId("log");
    const follows = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    fill(articles.get(node.id), node);
    if (follows) log.scrollTop = log.scrollHeight;
  };
  try {
    await stream("/v1/chat/completions", {
      model: node.model, messages: messages(tree.pathTo(question), system), ...rest, seed, logprobs: true, top_logprobs: 5,
    }, (chunk) => {
      const choice = chunk.choices[0];
      if (!choice) return;
      node.content += choice.delta.content ?? "";
      node.tokens.push(...choice.logprobs?.content ?? []);
      // A long answer is drawn less often, as all of it is drawn.
      if (!waits) { waits = true; setTimeout(draw, Math.min(500, 16 + node.content.length / 50)); }
    }, controller.signal);
    announce(`${node.model}: ${node.content}`);
  } catch (error) {
    if (error.name !== "AbortError") node.problem = `No whole answer: ${error.message}.`;
    announce(node.problem ?? "Stopped.");
  }
  answering = null;
  draw();
  busy(false);
  show();
  remember();
}

function busy(isBusy) {
  byId("send").hidden = isBusy;
  byId("stop").hidden = !isBusy;
  byId("log").setAttribute("aria-busy", String(isBusy));
}

async function judge(node, choice) {
  try {
    if (node.judgment) await request("/feedback/undo", { key: node.judgment });
    const isTakenBack = node.choice === choice;
    node.judgment = isTakenBack ? undefined : newKey();
    node.choice = isTakenBack ? undefined : choice;
    if (!isTakenBack) {
      await request("/feedback/judgments", {
        key: node.judgment, rater: localStorage.getItem("rater") || "me", choice,
        prompt: messages(tree.pathTo(tree.parent(node)), node.system),
        answers: [{ text: node.content, model: node.model, sampling: node.sampling, seed: node.seed }],
      });
    }
    announce(isTakenBack ? "Taken back." : "Kept.");
  } catch (error) {
    node.judgment = node.choice = undefined;
    problem(`Not kept: ${error.message}.`);
  }
  tools(node);
  articles.get(node.id).querySelector(`[data-thumb=${choice}]`)?.focus();
  remember();
}

// MARK: Controls

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const content = byId("question").value.trim();
  if (!content || answering) return;
  byId("question").value = "";
  answer(tree.add(tree.path.at(-1) ?? tree.root, { role: "user", content }));
});
byId("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("composer").requestSubmit();
  }
});
addEventListener("keydown", (event) => { if (event.key === "Escape") answering?.controller.abort(); });
byId("stop").addEventListener("click", () => answering?.controller.abort());
byId("doubtful").addEventListener("change", () => {
  for (const [id, article] of articles) {
    const node = tree.nodes.get(id);
    node.doubtful = undefined;
    if (node.role === "assistant" && answering?.node !== node) fill(article, node);
  }
  show();
});
byId("clear").addEventListener("click", () => {
  answering?.controller.abort();
  tree = new ConversationTree();
  articles.clear();
  byId("log").replaceChildren();
  show();
  remember();
});
byId("export").addEventListener("click", () => {
  const lines = tree.branches.map((path) => JSON.stringify({ messages: messages(path, path.find((node) => node.system)?.system) }));
  const address = URL.createObjectURL(new Blob([lines.map((line) => line + "\n").join("")], { type: "application/jsonl" }));
  element("a", { href: address, download: "conversation.jsonl" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
});

openWideSettings();
show();
try {
  byId("model").append(...(await models()).map((name) => element("option", {}, name)));
  keepsFeedback = (await request("/feedback")).keeps;
  show();
} catch (error) { problem(`The server does not answer: ${error.message}.`); }
