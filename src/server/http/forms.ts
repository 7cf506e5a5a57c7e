/** An upload's id. */
export const uploadIdForm = /^upl_[0-9a-f]{32}$/;

/** The one media type that an upload may have. */
export const formMediaType = 'multipart/form-data';
