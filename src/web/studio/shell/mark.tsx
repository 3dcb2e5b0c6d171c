/** The mark of ComfyGraph: three nodes and their links. */
export const Mark = ({ className }: { className?: string | undefined }) => (
  <svg className={className} viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="7" fill="#6b3fd4" />
    <path d="M9 22 15.5 9.5 23 20.5Z" fill="none" stroke="#fff" strokeWidth="2" />
    <g fill="#fff">
      <circle cx="9" cy="22" r="3.5" />
      <circle cx="15.5" cy="9.5" r="3.5" />
      <circle cx="23" cy="20.5" r="3.5" />
    </g>
  </svg>
);
