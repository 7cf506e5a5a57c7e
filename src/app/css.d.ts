/** Style sheets are bundled; nothing of them is imported but their being there. */
declare module '*.css';
