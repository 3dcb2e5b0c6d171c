/** The queue of the stub: executes one prompt at a time, and remembers what has ended. */
const STEPS = 20;

export class StubQueue {
  #executionMs = 0;
  #number = 0;
  #pending = [];
  #running;
  #ended = new Map();
  #sockets = new Map();
  #busyMs = 0;
  #firstAt = 0;
  #lastAt = 0;
  #count = 0;
  #steps = 0;
  graph;

  add(id, socket) {
    this.#sockets.set(id, socket);
    this.#status();
  }

  remove(id) {
    this.#sockets.delete(id);
  }

  begin(executionMs) {
    this.#executionMs = executionMs;
    this.#busyMs = this.#count = this.#firstAt = this.#lastAt = 0;
    // What ran without an end may end now.
    if (this.#running && executionMs < Number.POSITIVE_INFINITY) this.#start(this.#running);
  }

  counted() {
    return { count: this.#count, busyMs: this.#busyMs, spanMs: this.#lastAt - this.#firstAt };
  }

  put({ prompt: graph, prompt_id: id, client_id: client, extra_data: extra }) {
    this.graph = graph;
    this.#number += 1;
    this.#pending.push({ id, client, item: [this.#number, id, graph, { ...extra, client_id: client }, []] });
    this.#status();
    setImmediate(() => this.#next());
    return { prompt_id: id, number: this.#number, node_errors: {} };
  }

  list() {
    const running = this.#running ? [this.#running.item] : [];
    return { queue_running: running, queue_pending: this.#pending.map(({ item }) => item) };
  }

  history(id) {
    const entry = this.#ended.get(id);
    return entry ? { [id]: entry } : {};
  }

  step() {
    if (!this.#running) return;
    this.#steps += 1;
    this.#progress(this.#running, Math.min(STEPS - 1, this.#steps));
  }

  #next() {
    if (this.#running || this.#pending.length === 0) return;
    const prompt = this.#pending.shift();
    this.#running = prompt;
    this.#start(prompt);
  }

  #start(prompt) {
    prompt.startedAt = performance.now();
    this.#firstAt ||= prompt.startedAt;
    prompt.sampler = nodeOf(prompt, 'KSampler');
    this.#send(prompt, 'execution_start', { timestamp: Date.now() });
    this.#send(prompt, 'execution_cached', { nodes: [], timestamp: Date.now() });
    this.#send(prompt, 'executing', { node: prompt.sampler, display_node: prompt.sampler });
    if (this.#executionMs === 0) setImmediate(() => this.#end(prompt));
    else if (this.#executionMs < Number.POSITIVE_INFINITY) setTimeout(() => this.#end(prompt), this.#executionMs);
  }

  #end(prompt) {
    const { id, item } = prompt;
    const node = nodeOf(prompt, 'SaveImage');
    this.#progress(prompt, STEPS);
    const prefix = item[2][node]?.inputs.filename_prefix ?? '';
    const [, subfolder = '', name] = /^(?:(.*)\/)?([^/]*)$/.exec(prefix);
    const output = { images: [{ filename: `${name}_00001_.png`, subfolder, type: 'output' }] };
    this.#send(prompt, 'executing', { node, display_node: node });
    this.#send(prompt, 'executed', { node, display_node: node, output });
    const messages = ['execution_start', 'execution_success'].map((type) => [
      type,
      { prompt_id: id, timestamp: Date.now() },
    ]);
    const status = { status_str: 'success', completed: true, messages };
    this.#ended.set(id, { prompt: item, outputs: { [node]: output }, status, meta: {} });
    this.#running = undefined;
    this.#lastAt = performance.now();
    this.#busyMs += this.#lastAt - prompt.startedAt;
    this.#count += 1;
    this.#send(prompt, 'execution_success', { timestamp: Date.now() });
    this.#status();
    this.#send(prompt, 'executing', { node: null });
    this.#next();
  }

  #progress(prompt, value) {
    this.#send(prompt, 'progress', { node: prompt.sampler, value, max: STEPS });
  }

  #send({ id, client }, type, data) {
    this.#sockets.get(client)?.send(JSON.stringify({ type, data: { ...data, prompt_id: id } }));
  }

  #status() {
    const remaining = this.#pending.length + (this.#running ? 1 : 0);
    const text = JSON.stringify({ type: 'status', data: { status: { exec_info: { queue_remaining: remaining } } } });
    for (const socket of this.#sockets.values()) socket.send(text);
  }
}

const nodeOf = ({ item }, type) =>
  Object.entries(item[2]).find(([, { class_type: each }]) => each === type)?.[0] ?? Object.keys(item[2])[0];
