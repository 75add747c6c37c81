// The configuration that `conet-relay init` writes: the example of docs/relay-config.example.yaml with addresses of the documentation
// ranges (RFC 5737), both roles shown, the exit commented out. A test keeps it valid.

export const CONFIG_TEMPLATE = `# conet-relay configuration. Paths are relative to this file. Leave out \`entry\` or \`exit\` for a relay of one role.
identity: ./relay.key # libp2p private key (Ed25519), made by \`conet-relay init\`, mode 0600. Keep a copy: it is your name.
operator: example-family # your family name; two hops of one circuit are never of one family
region: DE # ISO 3166-1 alpha-2
# payments: # leave out to be paid by nobody: then everybody may use the relay for nothing
#   network: base # base, base-sepolia (test money), devnet
#   rpc: [https://mainnet.base.org] # servers of the chain; a second one catches the first when it fails
#   key: ./payment.key # made by \`conet-relay init --payment-key\`; its address is paid, and needs a little ETH for gas
#   ledger: ./data/ledger.db # who paid what; made at the first start. Keep it: what is in it and not claimed yet is money.
#   prices: { entryPerMiB: 32, exitPerMiB: 73 } # millionths of a dollar for 2^20 bytes: $0.03 and $0.07 for a gigabyte
#   minDeposit: 1000000 # millionths of a dollar
#   incrementMiB: 64 # what is paid for at a time, about a second of traffic, and the most that either can lose of the other
#   watchSeconds: 15 # how often the chain is looked at while nothing is under way
#   freeMiBPerDay: 50 # entry: for each address, so that people can try it
#   leasePorts: [] # entry: more ports, for several payers behind one address
log:
  level: info # trace, debug, info, warn, error

# An entry: browsers connect to it, exits dial in.
entry:
  tunnels: 0.0.0.0:443 # TCP: TLS of browsers, told apart by SNI
  libp2p: 0.0.0.0:7401 # TCP: where exits dial in
  certificate: # for this relay's own name, *.<own peer id>.<zone>; or autotls, as docs/relay-config.example.yaml has it
    files: { key: ./tls/key.pem, chain: ./tls/chain.pem }

# An exit: it dials its entries (so it works behind NAT) and opens connections to sites.
# exit:
#   entries: # entries this exit dials and stays connected to
#     - /ip4/192.0.2.1/tcp/7401/p2p/12D3KooW...
#   certificate:
#     files: { key: ./tls/key.pem, chain: ./tls/chain.pem }
#   source: 198.51.100.7 # local address of outgoing connections; leave out to let the system choose
#   resolvers: ['127.0.0.1:53'] # DNS servers; leave out for the system's
#   destinations:
#     allow: [] # private ranges to open; leave empty unless you know why
#     denyPorts: [25, 465, 587] # mail: open these and the exit's address will be on block lists
#     perSecond: 50 # new connections to one address, for all clients together: nobody floods anybody through this exit
`;
