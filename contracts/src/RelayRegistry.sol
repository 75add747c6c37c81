// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IRelayRegistry} from "./interfaces/IRelayRegistry.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title The root of the directory of relays. FOR PRODUCTION, unlike the doubles beside it
/// @notice Anyone lists relays here, with a bond; nobody else has a say. No owner, no upgrade, no pause, and no way to a bond but its
/// payee's. Not audited yet. Why it is as it is: docs/decisions/0033-the-registry.md.
/// @dev The token is USDC or one like it. A fee, or a balance that moves by itself, keeps `register` from passing or makes bonds fall
/// short; it never lets one payee have more than its own bonds. Tokens sent here by mistake stay: there is nobody to give them back.
contract RelayRegistry is IRelayRegistry, ReentrancyGuardTransient {
    using EnumerableSet for EnumerableSet.Bytes32Set;
    using SafeERC20 for IERC20;

    /// @dev With the longest addresses a page costs 6 million gas, well inside of what RPC servers give to a call.
    uint256 public constant MAX_PAGE = 200;
    /// @dev In bytes: two multiaddrs with a relay's name in a zone, of some 100 each, and a few with an IP, of 8 or 20.
    uint256 public constant MAX_ADDRESSES = 256;
    /// @dev A bond that moves on before readers read anew would stand behind many relays at once.
    uint40 public constant MIN_LEAVE_DELAY = 1 hours;
    uint40 public constant MAX_LEAVE_DELAY = 30 days;

    address public immutable token;
    uint96 public immutable bond;
    uint40 public immutable leaveDelay;

    /// @dev An id is of payee and peer key together: nobody can take another's.
    EnumerableSet.Bytes32Set private _ids;
    mapping(bytes32 id => Relay) private _relays;

    constructor(address token_, uint96 bond_, uint40 leaveDelay_) {
        if (bond_ == 0) revert ZeroBond();
        if (leaveDelay_ < MIN_LEAVE_DELAY || leaveDelay_ > MAX_LEAVE_DELAY) {
            revert LeaveDelayOutOfRange(leaveDelay_, MIN_LEAVE_DELAY, MAX_LEAVE_DELAY);
        }
        token = token_;
        bond = bond_;
        leaveDelay = leaveDelay_;
    }

    function register(bytes32 peerKey, bytes calldata addresses) external nonReentrant {
        _checkLength(addresses);
        bytes32 id = _idOf(msg.sender, peerKey);
        if (!_ids.add(id)) revert AlreadyRegistered(msg.sender, peerKey);
        _relays[id] = Relay({
            peerKey: peerKey,
            payee: msg.sender,
            bond: bond,
            registeredAt: uint40(block.timestamp),
            leavesAt: 0,
            addresses: addresses
        });
        emit RelayRegistered(msg.sender, peerKey, bond, addresses);

        uint256 before = IERC20(token).balanceOf(address(this));
        IERC20(token).safeTransferFrom(msg.sender, address(this), bond);
        uint256 received = IERC20(token).balanceOf(address(this)) - before;
        if (received != bond) revert BondNotReceived(received, bond);
    }

    function update(bytes32 peerKey, bytes calldata addresses) external {
        _checkLength(addresses);
        _own(peerKey).addresses = addresses;
        emit RelayUpdated(msg.sender, peerKey, addresses);
    }

    function announceLeave(bytes32 peerKey) external {
        Relay storage relay = _own(peerKey);
        // Else a second announcement would move the time that readers were told.
        if (relay.leavesAt != 0) revert AlreadyLeaving(peerKey, relay.leavesAt);
        relay.leavesAt = uint40(block.timestamp) + leaveDelay;
        emit RelayLeaving(msg.sender, peerKey, relay.leavesAt);
    }

    function stay(bytes32 peerKey) external {
        Relay storage relay = _own(peerKey);
        if (relay.leavesAt == 0) revert NotLeaving(msg.sender, peerKey);
        relay.leavesAt = 0;
        emit RelayStaying(msg.sender, peerKey);
    }

    function withdraw(bytes32 peerKey) external nonReentrant {
        Relay storage relay = _own(peerKey);
        (uint96 amount, uint40 leavesAt) = (relay.bond, relay.leavesAt);
        if (leavesAt == 0) revert NotLeaving(msg.sender, peerKey);
        if (block.timestamp < leavesAt) revert LeaveDelayNotElapsed(block.timestamp, leavesAt);
        bytes32 id = _idOf(msg.sender, peerKey);
        // The last one of the list moves to its place.
        _ids.remove(id);
        delete _relays[id];
        emit RelayWithdrawn(msg.sender, peerKey, amount);
        IERC20(token).safeTransfer(msg.sender, amount);
    }

    function page(uint256 from, uint256 count) external view returns (Relay[] memory relays, uint256 total) {
        total = _ids.length();
        uint256 start = Math.min(from, total);
        // No sum with a number of the caller's: that could overflow.
        uint256 size = Math.min(Math.min(count, MAX_PAGE), total - start);
        relays = new Relay[](size);
        for (uint256 i = 0; i < size; ++i) {
            relays[i] = _relays[_ids.at(start + i)];
        }
    }

    function relayCount() external view returns (uint256) {
        return _ids.length();
    }

    function relayOf(address payee, bytes32 peerKey) external view returns (Relay memory) {
        return _relays[_idOf(payee, peerKey)];
    }

    /// @dev The sender's, whatever was sent: no function takes a payee to act for.
    function _own(bytes32 peerKey) private view returns (Relay storage relay) {
        relay = _relays[_idOf(msg.sender, peerKey)];
        if (relay.registeredAt == 0) revert NotRegistered(msg.sender, peerKey);
    }

    function _checkLength(bytes calldata addresses) private pure {
        if (addresses.length > MAX_ADDRESSES) revert AddressesTooLong(addresses.length, MAX_ADDRESSES);
    }

    function _idOf(address payee, bytes32 peerKey) private pure returns (bytes32) {
        return keccak256(abi.encode(payee, peerKey));
    }
}
