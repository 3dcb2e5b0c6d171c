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
import { isObject } from '../json.js';
import { inputsOf, type SimulatedNode } from '../nodes/node.js';
import { keyError, PythonError, text, typeName } from '../python.js';
import { compare, convert } from './constant.js';
import { about, asPythonError, reason, TRACEBACK } from './reason.js';
import type { Validator, Verdict } from './validate.js';

/** Bad without reasons is what only the nodes above it are to blame for. */
type Finding = { ok: boolean; reasons: ValidationError[] };

export class Validation {
  readonly #found = new Map<NodeId, Finding>();
  /** Nodes on the way from the root to here: meeting one again is a cycle. */
  readonly #open = new Set<NodeId>();

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
    const { required = {}, optional = {} } = inputsOf(definition, this.validator.shelf);
    this.#open.add(id);
    const finding: Finding = { ok: true, reasons: [] };
    for (const [name, spec] of Object.entries({ ...required, ...optional })) {
      if (!Object.hasOwn(inputs, name)) {
        if (!Object.hasOwn(required, name)) continue;
        finding.reasons.push(reason('required_input_missing', 'Required input is missing', name, { input_name: name }));
        continue;
      }
      const value = inputs[name];
      const seen = Array.isArray(value)
        ? this.#lookAtLink(name, spec, value)
        : this.#constant(definition, name, spec, inputs);
      if (seen === false) finding.ok = false;
      else if (seen !== true) finding.reasons.push(seen);
    }
    finding.reasons.push(...this.#custom(definition, inputs));
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
    if (this.#open.has(from)) return this.#cycle(from, name);
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

  /** 0.3.64 runs out of stack and says nothing of it in the end. */
  #cycle(from: NodeId, name: string): boolean | ValidationError {
    if (this.validator.shelf.version === '0.3.64') return false;
    const path = [...this.#open];
    const nodes = [...path.slice(path.indexOf(from)), from];
    const details = nodes.map((id) => `${id} (${this.graph[id]?.class_type})`).join(' -> ');
    const extra = { node_id: from, cycle_nodes: nodes, input_name: name };
    return reason('dependency_cycle', 'Dependency cycle detected', details, extra);
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
    const { output } = this.#definition(this.#node(from).class_type);
    if (typeof slot !== 'number' || !Number.isInteger(slot)) {
      throw new PythonError('TypeError', `tuple indices must be integers or slices, not ${typeName(slot)}`);
    }
    // Below zero Python counts from the end, as `at` does.
    const type = output.at(slot);
    if (type === undefined) throw new PythonError('IndexError', 'tuple index out of range');
    return type;
  }
}

/** `*` fits all; a union fits when all of the received ones are among the wanted. */
function fits(received: string, wanted: InputSpec[0]): boolean {
  if (received === wanted || received === '*' || wanted === '*') return true;
  if (typeof wanted !== 'string') return false;
  const accepted = new Set(wanted.split(','));
  return received.split(',').every((each) => accepted.has(each));
}
