/** What was painted with the brush, in the pixels of the picture. */

export type Point = { x: number; y: number };
export type Line = { kind: 'paint' | 'erase'; size: number; points: Point[] };
export type Stroke = Line | { kind: 'fill' | 'clear' };

const keyOf = (id: string) => `comfygraph:marks:${id}`;

/** Keeps what made a file, so that painting can go on, also after a reload of the page. */
export function keepStrokes(id: string, strokes: readonly Stroke[]): void {
  try {
    sessionStorage.setItem(keyOf(id), JSON.stringify(strokes, rounded));
  } catch {
    // The storage is full: then painting begins anew.
  }
}

export function strokesOf(id: string | undefined): readonly Stroke[] {
  return JSON.parse((id && sessionStorage.getItem(keyOf(id))) || '[]') as Stroke[];
}

const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Math.round(value) : value);

/** Draws all strokes anew: opaque is what changes. @param scale of the canvas, which may be smaller than the picture */
export function paint(canvas: HTMLCanvasElement, strokes: readonly Stroke[], colour: string, scale = 1): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const stroke of strokes) paintStroke(context, stroke, colour, scale);
}

function paintStroke(context: CanvasRenderingContext2D, stroke: Stroke, colour: string, scale: number): void {
  const { width, height } = context.canvas;
  context.fillStyle = colour;
  context.strokeStyle = colour;
  if ('points' in stroke) paintLine(context, stroke, scale);
  else if (stroke.kind === 'fill') context.fillRect(0, 0, width, height);
  else context.clearRect(0, 0, width, height);
}

function paintLine(context: CanvasRenderingContext2D, { kind, size, points }: Line, scale: number): void {
  const [first, ...rest] = points;
  if (!first) return;
  context.globalCompositeOperation = kind === 'paint' ? 'source-over' : 'destination-out';
  // A line without a length draws nothing.
  context.beginPath();
  context.arc(first.x * scale, first.y * scale, (size * scale) / 2, 0, 2 * Math.PI);
  context.fill();
  context.lineWidth = size * scale;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  context.beginPath();
  context.moveTo(first.x * scale, first.y * scale);
  for (const { x, y } of rest) context.lineTo(x * scale, y * scale);
  context.stroke();
  context.globalCompositeOperation = 'source-over';
}
