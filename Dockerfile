# Built where the sources are, run with what the bundle needs alone: Node and git.
FROM node:24-alpine AS build
WORKDIR /src
COPY package.json package-lock.json ./
COPY scripts ./scripts
RUN npm ci --no-audit --no-fund
COPY schema ./schema
COPY reconcilers ./reconcilers
COPY src ./src
RUN npm run build

FROM node:24-alpine
RUN apk add --no-cache git && install -d -o node -g node -m 0700 /var/lib/gates
COPY --from=build /src/dist /opt/gates/dist
# Inside a container loopback is reached by nobody; what the host publishes decides.
ENV NODE_ENV=production \
    GATES_STATE_DIR=/var/lib/gates \
    GATES_LISTEN=0.0.0.0:8420 \
    GATES_HOOKS_LISTEN=0.0.0.0:8421
USER node
VOLUME /var/lib/gates
EXPOSE 8420 8421
HEALTHCHECK --start-period=2m CMD ["node", "-e", "fetch('http://127.0.0.1:8420/readyz').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/opt/gates/dist/gates.js"]
CMD ["run"]
