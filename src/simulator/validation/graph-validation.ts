/** Validates a graph from its output nodes upstream and collects the errors of each node. */
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
import { declaredInputs } from './dynamic-inputs.js';
import type { ValidationContext, ValidationResult } from './validate.js';
import { asPythonError, inputInfo, TRACEBACK, validationError } from './validation-error.js';

/** An invalid node without errors has an invalid node upstream. */
type NodeValidation = { ok: boolean; errors: ValidationError[] };

export class GraphValidation {
  readonly #found = new Map<NodeId, NodeValidation>();
  /** Nodes from the root to the current node: a link to one of them is a cycle. */
  readonly #path = new Set<NodeId>();
  readonly #cycles = new Map<NodeId, ValidationError[]>();

  constructor(
    private readonly graph: Graph,
    private readonly context: ValidationContext,
  ) {}

  run(roots: NodeId[]): ValidationResult {
    const validRoots: NodeId[] = [];
    const nodeErrors: NodeErrors = {};
    const details: string[] = [];
    for (const root of roots) {
      const result = this.#validateRoot(root);
      if (result.ok) {
        validRoots.push(root);
        continue;
      }
      details.push(...result.errors.map((each) => `${each.message}: ${each.details}`));
      // Like ComfyUI, attributes all invalid nodes so far to this root, even those of an earlier root.
      for (const [id, { ok, errors }] of this.#found) {
        if (ok || errors.length === 0) continue;
        nodeErrors[id] ??= { errors, dependent_outputs: [], class_type: this.graph[id]?.class_type ?? '' };
        nodeErrors[id].dependent_outputs.push(root);
      }
    }
    if (validRoots.length > 0) return { ok: true, roots: validRoots, nodeErrors };
    const message = 'Prompt outputs failed validation';
    const error = validationError('prompt_outputs_failed_validation', message, details.join('\n'), {});
    return { ok: false, error, nodeErrors };
  }

  #validateRoot(id: NodeId): NodeValidation {
    try {
      return this.#validateNode(id);
    } catch (error) {
      const { type, message } = asPythonError(error);
      const extra = { exception_type: type, traceback: TRACEBACK };
      return this.#markInvalid(
        id,
        validationError('exception_during_validation', 'Exception when validating node', message, extra),
      );
    }
  }

  /** Throws a PythonError for a link to a missing node or slot; the error belongs to the node that has the link. */
  #validateNode(id: NodeId): NodeValidation {
    const known = this.#found.get(id);
    if (known) return known;
    const { class_type, inputs } = this.#node(id);
    if (!isObject(inputs)) throw keyError('inputs');
    const definition = this.#definition(class_type);
    const { required, optional } = declaredInputs(definition, this.context.catalog, inputs);
    this.#path.add(id);
    const result: NodeValidation = { ok: true, errors: [] };
    for (const [name, spec] of Object.entries({ ...required, ...optional })) {
      if (!Object.hasOwn(inputs, name)) {
        if (!Object.hasOwn(required, name)) continue;
        const last = name.split('.').at(-1) ?? name;
        result.errors.push(
          validationError('required_input_missing', 'Required input is missing', last, { input_name: name }),
        );
        continue;
      }
      const value = inputs[name];
      const outcome = Array.isArray(value)
        ? this.#validateLink(name, spec, value)
        : this.#validateConstant(definition, name, spec, inputs);
      if (outcome === false) result.ok = false;
      else if (outcome !== true) result.errors.push(outcome);
    }
    result.errors.push(...this.#runCustomValidation(definition, inputs), ...(this.#cycles.get(id) ?? []));
    result.ok &&= result.errors.length === 0;
    this.#path.delete(id);
    this.#found.set(id, result);
    return result;
  }

  /** Inputs with custom validation are not compared with their range or choices. */
  #validateConstant(
    { customValidation }: SimulatedNode,
    name: string,
    spec: InputSpec,
    inputs: Record<string, unknown>,
  ) {
    const wrong = convert(name, spec, inputs);
    if (wrong || customValidation?.inputs.includes(name)) return wrong ?? true;
    return compare(name, spec, inputs, this.context.catalog.version) ?? true;
  }

  #runCustomValidation({ customValidation }: SimulatedNode, inputs: Record<string, unknown>): ValidationError[] {
    const names =
      customValidation?.inputs.filter((name) => Object.hasOwn(inputs, name) && !Array.isArray(inputs[name])) ?? [];
    if (!customValidation || names.length === 0) return [];
    const failure = customValidation.run(inputs, this.context.files);
    if (failure === true) return [];
    const isOld = this.context.catalog.version === '0.3.64';
    const message = 'Custom validation failed for node';
    return names.map((name) =>
      validationError('custom_validation_failed', message, `${name} - ${failure}`, isOld ? { input_name: name } : {}),
    );
  }

  /** Returns true, false when a node upstream is invalid, or the link's own error. */
  #validateLink(name: string, spec: InputSpec, link: unknown[]): boolean | ValidationError {
    if (link.length !== 2) {
      const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
      return validationError('bad_linked_input', message, name, { ...inputInfo(name, spec), received_value: link });
    }
    const [from, slot] = link as Link;
    // Keys of JSON objects are strings, so a number finds no node.
    if (typeof from !== 'string') throw keyError(from);
    const received = this.#outputType(from, slot);
    if (!isCompatible(received, spec[0])) {
      const details = `${name}, received_type(${received}) mismatch input_type(${text(spec[0])})`;
      const extra = { ...inputInfo(name, spec), received_type: received, linked_node: link };
      return validationError('return_type_mismatch', 'Return type mismatch between linked nodes', details, extra);
    }
    if (this.#path.has(from)) return this.#recordCycle(from);
    try {
      return this.#validateNode(from).ok;
    } catch (error) {
      const { type, message } = asPythonError(error);
      const failure = { exception_message: message, exception_type: type, traceback: TRACEBACK, linked_node: link };
      const title = 'Exception when validating inner node';
      const extra = { ...inputInfo(name, spec), ...failure };
      return this.#markInvalid(from, validationError('exception_during_inner_validation', title, message, extra)).ok;
    }
  }

  #markInvalid(id: NodeId, error: ValidationError): NodeValidation {
    const result = { ok: false, errors: [error] };
    this.#path.delete(id);
    this.#found.set(id, result);
    return result;
  }

  /** Older versions overflow the stack and report no error; newer ones report each node of the cycle. */
  #recordCycle(from: NodeId): false {
    if (!isSince('0.19', this.context.catalog.version)) return false;
    const path = [...this.#path];
    const cycle_nodes = path.slice(path.indexOf(from));
    const details = [...cycle_nodes, from].map((id) => `${id} (${this.graph[id]?.class_type})`).join(' -> ');
    for (const node_id of cycle_nodes) {
      const cycle = validationError('dependency_cycle', 'Dependency cycle detected', details, { node_id, cycle_nodes });
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
    const definition = this.context.nodes.get(classType);
    if (!definition) throw keyError(classType);
    return definition;
  }

  #outputType(from: NodeId, slot: number): string {
    const outputs = outputsOf(this.#definition(this.#node(from).class_type), this.context.catalog);
    if (typeof slot !== 'number' || !Number.isInteger(slot)) {
      throw new PythonError('TypeError', `tuple indices must be integers or slices, not ${typeName(slot)}`);
    }
    // Like `at`, Python counts negative indices from the end.
    const output = outputs.at(slot);
    if (output === undefined) throw new PythonError('IndexError', 'tuple index out of range');
    return output[0];
  }
}

/** `*` and match types fit every type. A union fits when all received types are among the accepted ones. */
function isCompatible(received: string, accepted: InputSpec[0]): boolean {
  if (received === accepted || [received, accepted].some((type) => type === '*' || type === 'COMFY_MATCHTYPE_V3'))
    return true;
  if (typeof accepted !== 'string') return false;
  const types = new Set(accepted.split(','));
  return received.split(',').every((each) => types.has(each));
}
