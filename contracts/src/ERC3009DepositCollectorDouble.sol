// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IDepositCollector} from "./interfaces/IDepositCollector.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @dev The overload of USDC v2.2; EIP-3009 itself only knows v, r, s.
interface IReceiveWithAuthorization {
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;
}

/// @title A double of the collector that pulls deposits by EIP-3009. FOR THE DEVNET AND TESTS ONLY
/// @notice Production uses the canonical contract at 0x4020806089470a89826cB9fB1f4059150b550004. Only the escrow may call it: else anyone
/// who sees a payer's signature could spend its nonce without a deposit.
/// @dev `collectorData` is `abi.encode(uint256 validAfter, uint256 validBefore, uint256 salt, bytes signature)` as @x402/evm writes it.
contract ERC3009DepositCollectorDouble is IDepositCollector {
    using SafeERC20 for IERC20;

    address public immutable settlement;

    error OnlySettlement();

    constructor(address escrow) {
        settlement = escrow;
    }

    function collect(address payer, address token, uint256 amount, bytes32 channelId, bytes calldata collectorData)
        external
    {
        if (msg.sender != settlement) revert OnlySettlement();
        (uint256 validAfter, uint256 validBefore, uint256 salt, bytes memory signature) =
            abi.decode(collectorData, (uint256, uint256, uint256, bytes));
        // What was signed for one channel cannot fund another.
        bytes32 nonce = keccak256(abi.encode(channelId, salt));
        IReceiveWithAuthorization(token)
            .receiveWithAuthorization(payer, address(this), amount, validAfter, validBefore, nonce, signature);
        IERC20(token).safeTransfer(msg.sender, amount);
    }
}
