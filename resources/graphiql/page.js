// GraphiQL over this platform's /graphql. What is typed, the token among it, is kept for the browser's session and no longer.
"use strict";

const QUERY = `# Under Headers, below: the platform's token
# in place of "token". Then the round arrow on
# the left brings the schema.

query {
  servicePlanTemplates {
    id
    version
    status
    name
    billing_currency
    service_configurations {
      service_id
      quota
      unit_price
    }
  }
}
`;

const storage = {
  getItem: (key) => sessionStorage.getItem(key),
  setItem: (key, value) => sessionStorage.setItem(key, value),
  removeItem: (key) => sessionStorage.removeItem(key),
  clear: () => sessionStorage.clear(),
  get length() {
    return sessionStorage.length;
  },
};

async function ask(request, options) {
  const answer = await fetch("/graphql", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(options && options.headers) },
    body: JSON.stringify(request),
    credentials: "omit",
  });
  return answer.json();
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: ask,
    storage,
    defaultQuery: QUERY,
    defaultHeaders: JSON.stringify({ Authorization: "Bearer token" }, null, 2),
    defaultEditorToolsVisibility: "headers",
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: true,
  }),
);
