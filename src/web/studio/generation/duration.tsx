/** The length of a video or a sound, such as 1:05. */
export const Duration = ({ seconds, className }: { seconds: number; className?: string | undefined }) => (
  <time className={className} dateTime={`PT${seconds}S`}>
    {Math.floor(seconds / 60)}:{String(Math.round(seconds % 60)).padStart(2, '0')}
  </time>
);
