// The page of results: who is better, by how much, and how far the choices can be trusted.
import { byId, element, problem, request } from "./common.js";

const number = (value, digits = 2) => value.toFixed(digits).replace("-", "−");
const counted = (count, noun, plural = `${noun}s`) => `${count} ${count === 1 ? noun : plural}`;
const percent = (share) => `${Math.round(share * 100)} %`;

function table(caption, heads, rows, note) {
  const made = element("table", {}, element("caption", {}, caption),
    element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, ...rows.map(([first, ...cells]) => element("tr", {},
      element("th", { scope: "row" }, first), ...cells.map((cell) => element("td", {}, cell))))));
  return element("section", {}, element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, made),
    note ? element("p", { class: "note" }, note) : null);
}

/** The interval of a strength on a line from the least to the greatest of all. */
function bar(model, least, greatest) {
  const span = greatest - least || 1;
  const part = (value) => `${((value - least) / span) * 100}%`;
  const range = element("span", { class: "range" });
  range.style.left = part(model.low);
  range.style.width = `${((model.high - model.low) / span) * 100}%`;
  const point = element("span", { class: "point" });
  point.style.left = part(model.strength);
  return element("span", { class: "bar", "aria-hidden": "true" }, range, point);
}

function strengths({ models, matrix }) {
  const least = Math.min(...models.map((model) => model.low));
  const greatest = Math.max(...models.map((model) => model.high));
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  return table("Models, the strongest first",
    ["Model", "Strength", "95 % interval", "", "Won", "Tied", "Lost", "Thumbs up", "Thumbs down", "Mean length"],
    models.map((model, place) => [
      model.model, number(model.strength), `${number(model.low)} to ${number(model.high)}`, bar(model, least, greatest),
      String(sum(matrix.wins[place])), String(sum(matrix.ties[place])), String(sum(matrix.wins.map((row) => row[place]))),
      String(model.up), String(model.down), number(model.mean_length, 0),
    ]),
    models.length === 1 ? "One model alone has nobody to win against. The choices are there to learn from."
    : "Strength is Bradley and Terry's: a model that has 0.7 more than another wins two of three times, one that has 2.2 more nine "
    + "of ten. A tie is half a win for both. The interval holds 95 of 100 resamples of the choices.");
}

function pairs({ models, wins, ties }) {
  return table("Who won against whom: won, tied, lost", ["", ...models], models.map((name, row) =>
    [name, ...models.map((_, column) => row === column ? "–"
      : `${wins[row][column]}, ${ties[row][column]}, ${wins[column][row]}`)]));
}

function trust({ agreement, length, raters, judgments }) {
  const rows = [];
  if (length.choices) {
    rows.push(["The longer answer won", `${length.longer} of ${length.choices} choices (${percent(length.longer / length.choices)})`]);
  }
  rows.push(["People agreed", agreement.share === null ? "nothing was judged by two people yet"
    : `${percent(agreement.share)} of pairs of people, on ${agreement.items} comparisons`]);
  if (agreement.alpha !== null) rows.push(["Krippendorff's alpha", `${number(agreement.alpha)} (1 is agreement, 0 is chance)`]);
  for (const { rater, judgments: count } of raters) rows.push([`By ${rater}`, `${count} of ${judgments} judgments`]);
  return table("How far to trust this", ["", ""], rows);
}

try {
  const results = await request("/feedback/results");
  byId("counts").textContent = results.judgments === 0
    ? "Nobody has chosen yet. Compare some answers first."
    : `${counted(results.comparisons, "comparison")}, ${counted(results.thumbs, "thumb")} and ${counted(results.edits, "edit")} by `
      + `${counted(results.raters.length, "person", "people")}.`;
  if (results.judgments > 0) {
    byId("tables").append(strengths(results), ...results.models.length > 1 ? [pairs(results.matrix)] : [], trust(results));
    const { disputed } = results.agreement;
    if (disputed.length) {
      byId("tables").append(table("The most disputed prompts", ["Prompt", "Judged by", "Pairs that disagree"],
        disputed.map((item) => [item.prompt, String(item.judgments), percent(item.disagreement)])));
    }
  }
} catch (error) {
  byId("counts").textContent = "";
  problem(`No results: ${error.message}.`);
}
