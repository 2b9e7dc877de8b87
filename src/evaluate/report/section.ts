import { type Html, type Piece, html } from "./html.js";

/** A titled part of the page; `lead` tells in a sentence or two what it shows. */
export function section(id: string, title: string, lead: string, body: Piece): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    <p class="lead">${lead}</p>
    ${body}
  </section>`;
}
