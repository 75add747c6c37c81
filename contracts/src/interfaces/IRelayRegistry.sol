// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @title The root of the directory of relays, as operators and readers see it
/// @notice An operator lists a relay with a bond, changes where it can be reached, says that it leaves, and takes the bond back after
/// a delay. Amounts are in the token's base units (USDC: 6 decimals), times in seconds since the epoch, lengths in bytes.
/// @dev What a reader may believe. An entry is a claim of its payee: "this peer key is my relay". The contract cannot check an Ed25519
/// signature at a fair price, so anyone may claim any key, and several payees may claim the same one. A claim is true when the relay's
/// descriptor is signed by both, the peer key and the payee; all others are passed over. So nobody keeps a relay out by being first.
/// The addresses are not proven either: a reader dials a few of them, with limits, and knows the relay by its peer key alone.
interface IRelayRegistry {
    struct Relay {
        /// @dev The raw Ed25519 public key of the relay's libp2p identity, or any 32 bytes that somebody sent.
        bytes32 peerKey;
        /// @dev Who registered it, and who alone can change it and gets the bond.
        address payee;
        /// @dev What `withdraw` will pay.
        uint96 bond;
        /// @dev Zero when there is no such relay.
        uint40 registeredAt;
        /// @dev Zero while it stays. Once it has passed, the bond can go at any moment and vouches for nothing: take the relay as gone.
        uint40 leavesAt;
        /// @dev Where to begin with it, opaque here: multiaddrs, at most MAX_ADDRESSES. Empty when it cannot be dialled.
        bytes addresses;
    }

    event RelayRegistered(address indexed payee, bytes32 indexed peerKey, uint96 bond, bytes addresses);
    event RelayUpdated(address indexed payee, bytes32 indexed peerKey, bytes addresses);
    event RelayLeaving(address indexed payee, bytes32 indexed peerKey, uint40 leavesAt);
    event RelayStaying(address indexed payee, bytes32 indexed peerKey);
    event RelayWithdrawn(address indexed payee, bytes32 indexed peerKey, uint96 bond);

    /// @dev To the constructor: an entry would cost nothing.
    error ZeroBond();
    /// @dev To the constructor: neither below `least` nor above `most`.
    error LeaveDelayOutOfRange(uint40 delay, uint40 least, uint40 most);
    error AddressesTooLong(uint256 length, uint256 most);
    error AlreadyRegistered(address payee, bytes32 peerKey);
    error NotRegistered(address payee, bytes32 peerKey);
    /// @dev The token took a fee, or brought more than was asked for.
    error BondNotReceived(uint256 received, uint96 bond);
    error AlreadyLeaving(bytes32 peerKey, uint40 leavesAt);
    error NotLeaving(address payee, bytes32 peerKey);
    error LeaveDelayNotElapsed(uint256 time, uint40 leavesAt);

    /// @notice Lists a relay of the sender, who must have approved the bond before. One payee may list several.
    function register(bytes32 peerKey, bytes calldata addresses) external;

    /// @notice Replaces the addresses of a relay of the sender, also while it leaves.
    function update(bytes32 peerKey, bytes calldata addresses) external;

    /// @notice Says that a relay of the sender leaves. It stands in the list, with the time, until `withdraw`.
    function announceLeave(bytes32 peerKey) external;

    /// @notice Takes that back, also when the time has passed. The next announcement begins the whole delay anew.
    function stay(bytes32 peerKey) external;

    /// @notice Pays the bond to the sender and takes the relay out of the list, once its time has passed.
    function withdraw(bytes32 peerKey) external;

    /// @notice Reads the list: at most `count` relays and at most MAX_PAGE, beginning with the one at index `from`.
    /// @dev Go on at `from + relays.length` until that is `total`. When a relay is taken out, the last one moves to its index: a reader
    /// that asks at "latest" each time can miss one, or read one twice. So choose a block number (or its hash) first and give it with each
    /// call. Where the RPC server keeps no state of that block, read all pages anew; never join pages of two blocks.
    /// @return relays Empty when `from` is at the end or behind it. In no order that means anything.
    /// @return total How many are in the list.
    function page(uint256 from, uint256 count) external view returns (Relay[] memory relays, uint256 total);

    function relayCount() external view returns (uint256);

    /// @return All zero when that payee has listed no such relay.
    function relayOf(address payee, bytes32 peerKey) external view returns (Relay memory);

    /// @notice The token of all bonds.
    function token() external view returns (address);

    /// @notice The bond of one relay.
    function bond() external view returns (uint96);

    /// @notice From `announceLeave` to `withdraw`, in seconds. Whoever reads the list anew within it, and takes a relay as gone at its
    /// `leavesAt`, never counts on a bond that went.
    function leaveDelay() external view returns (uint40);

    // The names are those of constants.
    // solhint-disable-next-line func-name-mixedcase
    function MAX_PAGE() external view returns (uint256);

    // solhint-disable-next-line func-name-mixedcase
    function MAX_ADDRESSES() external view returns (uint256);
}
