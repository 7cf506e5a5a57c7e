import type { ReactNode } from 'react';

function Icon({ children, label }: { readonly children: ReactNode; readonly label?: string }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 20 20"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      {children}
    </svg>
  );
}

export const TickIcon = () => (
  <Icon>
    <path d="M4.5 10.5l3.6 3.6 7.4-8" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M10 3.2l7.6 13.3H2.4z" />
    <path d="M10 8.3v3.6M10 14.3v.1" />
  </Icon>
);

export const InfoIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7.2" />
    <path d="M10 9.2v4.4M10 6.5v.1" />
  </Icon>
);

export const ShieldIcon = () => (
  <Icon>
    <path d="M10 2.6l6.2 2.2v4.6c0 4-2.6 6.7-6.2 8-3.6-1.3-6.2-4-6.2-8V4.8z" />
    <path d="M7.2 9.9l2 2 3.6-3.9" />
  </Icon>
);

export const OpenShieldIcon = () => (
  <Icon>
    <path d="M10 2.6l6.2 2.2v4.6c0 4-2.6 6.7-6.2 8-3.6-1.3-6.2-4-6.2-8V4.8z" />
    <path d="M10 6.6v4M10 13.1v.1" />
  </Icon>
);

export const ChevronIcon = () => (
  <Icon>
    <path d="M5.5 8l4.5 4.5L14.5 8" />
  </Icon>
);

export const FileIcon = () => (
  <Icon>
    <path d="M5 2.8h6.6L15.5 7v10.2H5z" />
    <path d="M11.4 3v4.2h4M7.6 10.6h5M7.6 13.6h5" />
  </Icon>
);

export const KeyIcon = () => (
  <Icon>
    <circle cx="7" cy="12.6" r="3.6" />
    <path d="M9.7 10L16.6 3M13.6 6l2.3 2.3" />
  </Icon>
);

/** The mark of the page: values go in, dots come out. */
export const Mark = () => (
  <svg className="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden>
    <rect className="mark-ground" width="32" height="32" rx="8" />
    <path className="mark-line" d="M7 10.5h18" />
    <g className="mark-dots">
      <circle cx="8.5" cy="16.5" r="1.7" />
      <circle cx="13.5" cy="16.5" r="1.7" />
      <circle cx="18.5" cy="16.5" r="1.7" />
      <circle cx="23.5" cy="16.5" r="1.7" />
      <circle cx="8.5" cy="22" r="1.7" />
      <circle cx="13.5" cy="22" r="1.7" />
      <circle cx="18.5" cy="22" r="1.7" />
    </g>
  </svg>
);
