/** Walks a graph from its output nodes upwards and gathers what is wrong with each node. */
import type {
  Graph,
  GraphNode,
  InputSpec,
  Link,
  NodeErrors,
  NodeId,
  ValidationError,
} from '../../comfyui/protocol/protocol.js';
import { outputsOf, type SimulatedNode } from '../nodes/node.js';
import { isObject } from '../python/json.js';
import { keyError, PythonError, text, typeName } from '../python/python.js';
import { isSince } from '../version.js';
import { compare, convert } from './constant-input.js';
import { declaredOf } from './dynamic-inputs.js';
import { about, asPythonError, reason, TRACEBACK } from './reason.js';
import type { Validator, Verdict } from './validate.js';

/** Bad without reasons is what only the nodes above it are to blame for. */
type Finding = { ok: boolean; reasons: ValidationError[] };

export class Validation {
  readonly #found = new Map<NodeId, Finding>();
  /** Nodes on the way from the root to here: meeting one again is a cycle. */
  readonly #open = new Set<NodeId>();
  readonly #cycles = new Map<NodeId, ValidationError[]>();

  constructor(
    private readonly graph: Graph,
    private readonly validator: Validator,
  ) {}

  run(roots: NodeId[]): Verdict {
    const good: NodeId[] = [];
    const nodeErrors: NodeErrors = {};
    const details: string[] = [];
    for (const root of roots) {
      const finding = this.#lookAtRoot(root);
      if (finding.ok) {
        good.push(root);
        continue;
      }
      details.push(...finding.reasons.map((each) => `${each.message}: ${each.details}`));
      // All nodes found bad so far count as this root's, also those that only an earlier root needs.
      for (const [id, { ok, reasons }] of this.#found) {
        if (ok || reasons.length === 0) continue;
        nodeErrors[id] ??= { errors: reasons, dependent_outputs: [], class_type: this.graph[id]?.class_type ?? '' };
        nodeErrors[id].dependent_outputs.push(root);
      }
    }
    if (good.length > 0) return { ok: true, roots: good, nodeErrors };
    const message = 'Prompt outputs failed validation';
    const error = reason('prompt_outputs_failed_validation', message, details.join('\n'), {});
    return { ok: false, error, nodeErrors };
  }

  #lookAtRoot(id: NodeId): Finding {
    try {
      return this.#lookAt(id);
    } catch (error) {
      const { type, message } = asPythonError(error);
      const extra = { exception_type: type, traceback: TRACEBACK };
      return this.#spoil(id, reason('exception_during_validation', 'Exception when validating node', message, extra));
    }
  }

  /** Throws a PythonError for a link to a missing node or slot, which counts against the node that has the link. */
  #lookAt(id: NodeId): Finding {
    const known = this.#found.get(id);
    if (known) return known;
    const { class_type, inputs } = this.#node(id);
    if (!isObject(inputs)) throw keyError('inputs');
    const definition = this.#definition(class_type);
    const { required, optional } = declaredOf(definition, this.validator.shelf, inputs);
    this.#open.add(id);
    const finding: Finding = { ok: true, reasons: [] };
    for (const [name, spec] of Object.entries({ ...required, ...optional })) {
      if (!Object.hasOwn(inputs, name)) {
        if (!Object.hasOwn(required, name)) continue;
        const last = name.split('.').at(-1) ?? name;
        finding.reasons.push(reason('required_input_missing', 'Required input is missing', last, { input_name: name }));
        continue;
      }
      const value = inputs[name];
      const seen = Array.isArray(value)
        ? this.#lookAtLink(name, spec, value)
        : this.#constant(definition, name, spec, inputs);
      if (seen === false) finding.ok = false;
      else if (seen !== true) finding.reasons.push(seen);
    }
    finding.reasons.push(...this.#custom(definition, inputs), ...(this.#cycles.get(id) ?? []));
    finding.ok &&= finding.reasons.length === 0;
    this.#open.delete(id);
    this.#found.set(id, finding);
    return finding;
  }

  /** What a node checks itself is not compared with its list. */
  #constant({ check }: SimulatedNode, name: string, spec: InputSpec, inputs: Record<string, unknown>) {
    const wrong = convert(name, spec, inputs);
    if (wrong || check?.inputs.includes(name)) return wrong ?? true;
    return compare(name, spec, inputs, this.validator.shelf.version) ?? true;
  }

  #custom({ check }: SimulatedNode, inputs: Record<string, unknown>): ValidationError[] {
    const names = check?.inputs.filter((name) => Object.hasOwn(inputs, name) && !Array.isArray(inputs[name])) ?? [];
    if (!check || names.length === 0) return [];
    const said = check.run(inputs, this.validator.files);
    if (said === true) return [];
    const isOld = this.validator.shelf.version === '0.3.64';
    const message = 'Custom validation failed for node';
    return names.map((name) =>
      reason('custom_validation_failed', message, `${name} - ${said}`, isOld ? { input_name: name } : {}),
    );
  }

  /** True, false when the fault is upstream, or what is wrong with the link itself. */
  #lookAtLink(name: string, spec: InputSpec, link: unknown[]): boolean | ValidationError {
    if (link.length !== 2) {
      const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
      return reason('bad_linked_input', message, name, { ...about(name, spec), received_value: link });
    }
    const [from, slot] = link as Link;
    // A number is never the key of an object that came as JSON.
    if (typeof from !== 'string') throw keyError(from);
    const received = this.#outputType(from, slot);
    if (!fits(received, spec[0])) {
      const details = `${name}, received_type(${received}) mismatch input_type(${text(spec[0])})`;
      const extra = { ...about(name, spec), received_type: received, linked_node: link };
      return reason('return_type_mismatch', 'Return type mismatch between linked nodes', details, extra);
    }
    if (this.#open.has(from)) return this.#cycle(from);
    try {
      return this.#lookAt(from).ok;
    } catch (error) {
      const { type, message } = asPythonError(error);
      const what = { exception_message: message, exception_type: type, traceback: TRACEBACK, linked_node: link };
      const said = 'Exception when validating inner node';
      const extra = { ...about(name, spec), ...what };
      return this.#spoil(from, reason('exception_during_inner_validation', said, message, extra)).ok;
    }
  }

  #spoil(id: NodeId, because: ValidationError): Finding {
    const finding = { ok: false, reasons: [because] };
    this.#open.delete(id);
    this.#found.set(id, finding);
    return finding;
  }

  /** Older versions run out of stack and say nothing of it in the end; newer ones blame each node of the cycle. */
  #cycle(from: NodeId): false {
    if (!isSince('0.19', this.validator.shelf.version)) return false;
    const path = [...this.#open];
    const cycle_nodes = path.slice(path.indexOf(from));
    const details = [...cycle_nodes, from].map((id) => `${id} (${this.graph[id]?.class_type})`).join(' -> ');
    for (const node_id of cycle_nodes) {
      const cycle = reason('dependency_cycle', 'Dependency cycle detected', details, { node_id, cycle_nodes });
      this.#cycles.set(node_id, [cycle]);
    }
    return false;
  }

  #node(id: NodeId): GraphNode {
    const node = Object.hasOwn(this.graph, id) ? this.graph[id] : undefined;
    if (!node) throw keyError(id);
    return node;
  }

  #definition(classType: string): SimulatedNode {
    const definition = this.validator.nodes.get(classType);
    if (!definition) throw keyError(classType);
    return definition;
  }

  #outputType(from: NodeId, slot: number): string {
    const outputs = outputsOf(this.#definition(this.#node(from).class_type), this.validator.shelf);
    if (typeof slot !== 'number' || !Number.isInteger(slot)) {
      throw new PythonError('TypeError', `tuple indices must be integers or slices, not ${typeName(slot)}`);
    }
    // Below zero Python counts from the end, as `at` does.
    const output = outputs.at(slot);
    if (output === undefined) throw new PythonError('IndexError', 'tuple index out of range');
    return output[0];
  }
}

/** `*` fits all, and so do types that match others; a union fits when all of the received ones are among the wanted. */
function fits(received: string, wanted: InputSpec[0]): boolean {
  if (received === wanted || [received, wanted].some((type) => type === '*' || type === 'COMFY_MATCHTYPE_V3'))
    return true;
  if (typeof wanted !== 'string') return false;
  const accepted = new Set(wanted.split(','));
  return received.split(',').every((each) => accepted.has(each));
}
