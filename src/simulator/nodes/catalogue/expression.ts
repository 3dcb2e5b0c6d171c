/** Evaluates an arithmetic expression with names: `+ - * / // % **`, parentheses, `min`, `max`, `abs`, `round`, `floor`, `ceil`. */

const FUNCTIONS: Record<string, (...values: number[]) => number> = {
  min: Math.min,
  max: Math.max,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  int: Math.trunc,
  float: (value) => value,
};

/** From the weakest to the strongest binding. */
const OPERATORS: Record<string, (a: number, b: number) => number>[] = [
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  { '*': (a, b) => a * b, '/': (a, b) => a / b, '//': (a, b) => Math.floor(a / b), '%': (a, b) => a % b },
];

/** Returns undefined if the expression is invalid, names an unknown value, or has no finite result. */
export function evaluate(expression: string, values: Record<string, number>): number | undefined {
  const tokens = expression.match(/\d+\.?\d*|\.\d+|[a-z_]\w*|\*\*|\/\/|[-+*/%(),]|\S/gi) ?? [];
  let at = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };

  function binary(level: number): number {
    const operators = OPERATORS[level];
    if (!operators) return unary();
    let result = binary(level + 1);
    for (;;) {
      const operator = operators[tokens[at] ?? ''];
      if (!operator) return result;
      at += 1;
      result = operator(result, binary(level + 1));
    }
  }

  function unary(): number {
    if (take('-')) return -unary();
    if (take('+')) return unary();
    const base = atom();
    return take('**') ? base ** unary() : base;
  }

  function atom(): number {
    const token = tokens[at++] ?? '';
    if (token === '(') return closed(binary(0));
    if (/^[\d.]/.test(token)) return Number(token);
    const call = Object.hasOwn(FUNCTIONS, token) ? FUNCTIONS[token] : undefined;
    if (call && take('(')) {
      const inner = [binary(0)];
      while (take(',')) inner.push(binary(0));
      return closed(call(...inner));
    }
    return Object.hasOwn(values, token) ? (values[token] ?? Number.NaN) : Number.NaN;
  }

  const closed = (result: number): number => (take(')') ? result : Number.NaN);

  const result = binary(0);
  return at === tokens.length && Number.isFinite(result) ? result : undefined;
}
