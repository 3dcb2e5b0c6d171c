/** Whether a text is a workflow of ComfyUI in one of its two formats, and not words for a field. */
export function isWorkflow(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null) return false;
    return (
      'nodes' in json || Object.values(json).some((node) => node && typeof node === 'object' && 'class_type' in node)
    );
  } catch {
    return false;
  }
}
