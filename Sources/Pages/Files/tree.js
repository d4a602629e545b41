// A conversation with branches: every message knows what follows it, and which of that is shown.

export class ConversationTree {
  constructor() {
    this.nodes = new Map();
    this.count = 0;
    /** What stands before the first message. */
    this.root = { id: 0, parent: null, children: [], shown: 0 };
    this.nodes.set(0, this.root);
  }

  /** Adds a message after another, and shows it. */
  add(parent, message) {
    this.count += 1;
    const node = { ...message, id: this.count, parent: parent.id, children: [], shown: 0 };
    this.nodes.set(node.id, node);
    parent.children.push(node.id);
    parent.shown = parent.children.length - 1;
    return node;
  }

  parent(node) { return this.nodes.get(node.parent); }

  /** The messages that are shown, from the first to the last. */
  get path() {
    const path = [];
    for (let node = this.root; node.children.length > 0;) {
      node = this.nodes.get(node.children[node.shown]);
      path.push(node);
    }
    return path;
  }

  /** The messages up to one and with it. */
  pathTo(node) {
    const path = [];
    for (; node.parent !== null; node = this.parent(node)) path.unshift(node);
    return path;
  }

  /** Shows another branch in place of a message. */
  turn(node, by) {
    const parent = this.parent(node);
    parent.shown = Math.min(parent.children.length - 1, Math.max(0, parent.shown + by));
  }

  /** Every branch, from the first message to the last. */
  get branches() {
    return [...this.nodes.values()].filter((node) => node.children.length === 0 && node.parent !== null)
      .map((node) => this.pathTo(node));
  }

  get json() { return JSON.stringify([...this.nodes.values()].map(({ tokens, ...node }) => node)); }

  static from(json) {
    const tree = new ConversationTree();
    const nodes = JSON.parse(json);
    tree.nodes = new Map(nodes.map((node) => [node.id, node]));
    tree.root = tree.nodes.get(0);
    tree.count = Math.max(...tree.nodes.keys());
    return tree;
  }
}
